// Keys by their physical place: Vietnamese typing (Telex, VNI) turns letters into tones, so event.key cannot be trusted.
export type Command =
  | 'down' | 'up' | 'open' | 'archive' | 'escalate' | 'undo' | 'search' | 'help' | 'back' | 'inbox' | 'select' | 'why';

const codes: Record<string, Command> = {
  KeyJ: 'down', ArrowDown: 'down', KeyK: 'up', ArrowUp: 'up', Enter: 'open', KeyO: 'open', KeyE: 'archive', KeyS: 'escalate',
  KeyU: 'undo', KeyX: 'select', KeyW: 'why', Escape: 'back',
};

export interface KeyLike {
  code: string; key: string; isComposing?: boolean; ctrlKey?: boolean; altKey?: boolean; metaKey?: boolean; shiftKey?: boolean;
  target?: unknown;
}

function inTextBox(target: unknown): boolean {
  const element = target as { tagName?: string; isContentEditable?: boolean } | null | undefined;
  return !!element && (element.isContentEditable === true || ['INPUT', 'TEXTAREA', 'SELECT'].includes(element.tagName ?? ''));
}
function onControl(target: unknown): boolean {
  const element = target as { tagName?: string } | null | undefined;
  return ['BUTTON', 'A'].includes(element?.tagName ?? '');
}

// What a key press means; nothing while text is typed or composed, or with a modifier held.
export function command(event: KeyLike): Command | null {
  if (event.isComposing || event.ctrlKey || event.altKey || event.metaKey) return null;
  if (inTextBox(event.target)) return event.code === 'Escape' ? 'back' : null;
  if (event.code === 'Enter' && onControl(event.target)) return null;
  if (event.code === 'Slash') return event.shiftKey ? 'help' : 'search';
  if (event.key === '?') return 'help';
  return event.shiftKey ? null : (codes[event.code] ?? null);
}
