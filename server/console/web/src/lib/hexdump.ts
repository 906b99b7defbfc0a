import type { Excerpt } from './types';

// One line of a hex view: sixteen bytes, each with whether it met the option.
export interface HexByte { hex: string; text: string; hit: boolean }
export interface HexLine { offset: number; bytes: HexByte[] }

export function hexLines(excerpt: Excerpt, width = 16): HexLine[] {
  const count = Math.floor(excerpt.hex.length / 2);
  const end = excerpt.match_offset + excerpt.match_length;
  const lines: HexLine[] = [];
  for (let start = 0; start < count; start += width) {
    const bytes: HexByte[] = [];
    for (let i = start; i < Math.min(start + width, count); ++i) {
      const value = parseInt(excerpt.hex.slice(2 * i, 2 * i + 2), 16);
      bytes.push({
        hex: excerpt.hex.slice(2 * i, 2 * i + 2),
        text: value >= 0x20 && value < 0x7f ? String.fromCharCode(value) : '.',
        hit: i >= excerpt.match_offset && i < end,
      });
    }
    lines.push({ offset: excerpt.offset + start, bytes });
  }
  return lines;
}

// The printable text in three parts: before, the match, after.
export function textParts(excerpt: Excerpt): [string, string, string] {
  const all = hexLines(excerpt).flatMap((line) => line.bytes);
  const part = (from: number, to: number) => all.slice(from, to).map((b) => b.text).join('');
  const end = excerpt.match_offset + excerpt.match_length;
  return [part(0, excerpt.match_offset), part(excerpt.match_offset, end), part(end, all.length)];
}
