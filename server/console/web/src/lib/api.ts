import type { Action, Agent, EventItem, Group, GroupStatus, Incident, Page, Problem, Session } from './types';

// A refusal of the server, with its stable code; code "offline" means that no answer came at all.
export class ApiError extends Error {
  constructor(readonly problem: Problem) {
    super(problem.detail ?? problem.title);
  }
  get code(): string { return this.problem.code ?? 'unknown'; }
}

let csrf = '';
export function setCsrf(token: string): void { csrf = token; }

async function call<T>(method: string, path: string, body?: unknown, signal?: AbortSignal): Promise<T> {
  const headers: Record<string, string> = { Accept: 'application/json' };
  if (body !== undefined) headers['Content-Type'] = 'application/json';
  if (method !== 'GET' && csrf) headers['X-Chieng-CSRF'] = csrf;
  let answer: Response;
  try {
    answer = await fetch('/api/v1' + path, {
      method, headers, signal, credentials: 'same-origin', body: body === undefined ? undefined : JSON.stringify(body),
    });
  } catch (error) {
    if (signal?.aborted) throw error;
    throw new ApiError({ title: 'offline', status: 0, code: 'offline' });
  }
  const text = await answer.text();
  const data = text ? JSON.parse(text) : {};
  if (!answer.ok) throw new ApiError({ status: answer.status, title: answer.statusText, ...data });
  return data as T;
}

export interface GroupQuery { status: GroupStatus | 'all'; q?: string; cursor?: string; limit?: number }

function query(params: object): string {
  const pairs = Object.entries(params).filter(([, v]) => v !== undefined && v !== '');
  return pairs.length ? '?' + new URLSearchParams(pairs.map(([k, v]) => [k, String(v)])).toString() : '';
}

export const api = {
  session: () => call<Session>('GET', '/session'),
  login: (username: string, password: string) => call<Session>('POST', '/session', { username, password }),
  logout: () => call<unknown>('DELETE', '/session'),
  changePassword: (current: string, next: string) => call<unknown>('POST', '/session/password', { current, new: next }),
  groups: (q: GroupQuery, signal?: AbortSignal) => call<Page<Group>>('GET', '/groups' + query(q), undefined, signal),
  group: (id: string) => call<Group>('GET', `/groups/${encodeURIComponent(id)}`),
  groupEvents: (id: string, cursor?: string) =>
    call<Page<EventItem>>('GET', `/groups/${encodeURIComponent(id)}/events` + query({ cursor, limit: 50 })),
  groupActions: (id: string) => call<{ items: Action[] }>('GET', `/groups/${encodeURIComponent(id)}/actions`),
  act: (id: string, body: Record<string, unknown>) =>
    call<{ action: Action; group: Group }>('POST', `/groups/${encodeURIComponent(id)}/actions`, body),
  incidents: () => call<Page<Incident>>('GET', '/incidents'),
  agents: () => call<Page<Agent>>('GET', '/agents'),
};
