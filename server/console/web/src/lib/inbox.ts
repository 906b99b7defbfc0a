import type { Group, GroupStatus } from './types';

export type View = GroupStatus | 'all';

export function belongs(group: Group, view: View): boolean {
  return view === 'all' || group.status === view;
}

// A group as the server now has it goes into the list: newest movement first, gone where it no longer belongs. An older
// version than the one shown is ignored, since live updates and answers may cross.
export function merge(list: Group[], group: Group, view: View): Group[] {
  const shown = list.find((g) => g.id === group.id);
  if (shown && (shown.version > group.version || (shown.version === group.version && shown.last > group.last))) return list;
  const rest = list.filter((g) => g.id !== group.id);
  if (!belongs(group, view)) return rest;
  const at = rest.findIndex((g) => g.last < group.last);
  return at < 0 ? [...rest, group] : [...rest.slice(0, at), group, ...rest.slice(at)];
}

// The group to look at after the one at `index` has left the list.
export function nextFocus(list: Group[], index: number): string | null {
  return list[Math.min(index, list.length - 1)]?.id ?? null;
}
