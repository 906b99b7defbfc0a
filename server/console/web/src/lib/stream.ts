import type { Agent, Group, Incident } from './types';

export interface StreamHandlers {
  group: (group: Group) => void;
  incident: (incident: Incident) => void;
  agent: (agent: Agent) => void;
  resync: () => void;                // something was missed: load again
  live: (connected: boolean) => void;
}

// Live updates. EventSource reconnects by itself and sends Last-Event-ID; a refused connection (logged out) ends it.
export function openStream(handlers: StreamHandlers): () => void {
  let source: EventSource | null = null;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let wasOpen = false;
  const connect = () => {
    source = new EventSource('/api/v1/stream');
    source.addEventListener('hello', (e) => {
      handlers.live(true);
      const data = parse<{ resync?: boolean }>(e);
      if (data?.resync || wasOpen) handlers.resync();
      wasOpen = true;
    });
    const on = <T>(name: string, handle: (value: T) => void) =>
      source!.addEventListener(name, (e) => {
        const value = parse<T>(e);
        if (value) handle(value);
      });
    on<Group>('group', handlers.group);
    on<Incident>('incident', handlers.incident);
    on<Agent>('agent', handlers.agent);
    source.onerror = () => {
      handlers.live(false);
      if (source?.readyState === EventSource.CLOSED) timer = setTimeout(connect, 5000);
    };
  };
  connect();
  return () => {
    clearTimeout(timer);
    source?.close();
  };
}

function parse<T>(event: Event): T | null {
  try {
    return JSON.parse((event as MessageEvent<string>).data) as T;
  } catch {
    return null;
  }
}
