import { describe, expect, it } from 'vitest';
import { age, localTime, plain, sparkline } from './format';
import { hexLines, textParts } from './hexdump';
import { tables } from './i18n.svelte';
import { merge, nextFocus } from './inbox';
import { command } from './keys';
import type { Group } from './types';

const group = (id: string, last: string, version = 1, status: Group['status'] = 'open') =>
  ({ id, last, version, status }) as Group;

describe('times', () => {
  it('shows Viet Nam time whatever form the zone has', () => {
    expect(localTime('2026-11-23T17:26:54.123456+0000')).toBe('2026-11-24 00:26:54');
    expect(localTime('2026-11-23T17:26:54Z')).toBe('2026-11-24 00:26:54');
    expect(localTime(null)).toBe('–');
  });
  it('tells ages', () => {
    const now = Date.parse('2026-11-23T12:00:00Z');
    expect(age('2026-11-23T11:59:40Z', now)).toEqual({ value: 0, unit: 'just_now' });
    expect(age('2026-11-23T11:15:00Z', now)).toEqual({ value: 45, unit: 'minutes' });
    expect(age('2026-11-20T12:00:00Z', now)).toEqual({ value: 3, unit: 'days' });
    expect(age('2026-11-24T12:00:00Z', now).unit).toBe('just_now');
  });
});

describe('text', () => {
  it('finds Vietnamese without diacritics', () => expect(plain('Đăng nhập Giám sát')).toBe('dang nhap giam sat'));
  it('has every text in both languages', () => {
    expect(Object.keys(tables.en).sort()).toEqual(Object.keys(tables.vi).sort());
    for (const table of Object.values(tables)) for (const [k, v] of Object.entries(table)) expect(v, k).not.toBe('');
  });
  it('draws a sparkline inside its box', () => expect(sparkline([0, 5, 10], 20, 10)).toBe('M0.0 9.0L10.0 5.0L20.0 1.0'));
});

describe('the explained match', () => {
  const excerpt = { offset: 32, text: 'ab..cd', hex: '61620d0a6364', match_offset: 2, match_length: 3 };
  it('marks the bytes in hex and text', () => {
    const bytes = hexLines(excerpt, 4);
    expect(bytes.map((l) => l.offset)).toEqual([32, 36]);
    expect(bytes.flatMap((l) => l.bytes).map((b) => b.hit)).toEqual([false, false, true, true, true, false]);
    expect(textParts(excerpt)).toEqual(['ab', '..c', 'd']);
  });
  it('does not break on a match beyond the excerpt', () =>
    expect(textParts({ ...excerpt, match_length: 50 })[1]).toBe('..cd'));
});

describe('the inbox', () => {
  it('puts what moved on top and drops what no longer belongs', () => {
    let list = [group('a', '2'), group('b', '1')];
    list = merge(list, group('b', '3', 2), 'open');
    expect(list.map((g) => g.id)).toEqual(['b', 'a']);
    list = merge(list, group('a', '2', 2, 'archived'), 'open');
    expect(list.map((g) => g.id)).toEqual(['b']);
    expect(nextFocus(list, 5)).toBe('b');
    expect(nextFocus([], 0)).toBeNull();
  });
  it('ignores an older version that arrives late', () => {
    const list = [group('a', '5', 7, 'escalated')];
    expect(merge(list, group('a', '5', 6, 'open'), 'all')).toBe(list);
  });
});

describe('keys', () => {
  const press = (code: string, more = {}) => command({ code, key: '', ...more });
  it('go by place, not by letter', () => expect(press('KeyJ', { key: 'đ' })).toBe('down'));
  it('are left alone while somebody types or composes', () => {
    expect(press('KeyE', { target: { tagName: 'INPUT' } })).toBeNull();
    expect(press('KeyE', { isComposing: true })).toBeNull();
    expect(press('KeyE', { ctrlKey: true })).toBeNull();
    expect(press('Escape', { target: { tagName: 'INPUT' } })).toBe('back');
    expect(press('Enter', { target: { tagName: 'BUTTON' } })).toBeNull();
  });
  it('tell / from ?', () => {
    expect(press('Slash')).toBe('search');
    expect(press('Slash', { shiftKey: true })).toBe('help');
  });
});
