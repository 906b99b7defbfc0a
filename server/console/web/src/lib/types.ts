// The API's shapes, as docs/api.md gives them.

export type Role = 'viewer' | 'analyst' | 'admin';
export type GroupStatus = 'open' | 'escalated' | 'archived';
export type Disposition = 'true_positive' | 'expected_activity' | 'false_positive' | 'duplicate';

export interface Named { id: string; name: string }
export interface Session { user: { id: string; name: string; role: Role }; csrf: string; must_change_password: boolean }
export interface Page<T> { items: T[]; next_cursor: string | null; total: number }

export interface Rule {
  engine: string; source?: string; gid?: number; sid?: number; rule_id?: string; rev?: number;
  message: string; category?: string; severity: number;
}
export interface Endpoint { ip?: string; zone?: string; agencies?: number; host?: string; user?: string }
export interface Group {
  id: string; version: number; status: GroupStatus; agency: Named; rule: Rule; src: Endpoint; dst: Endpoint;
  host?: string; user?: string; severity: number; count: number; rows: number; first: string; last: string;
  sparkline?: number[]; disposition?: Disposition; reason?: string; reopened?: { why: string; at: string };
}
export interface Excerpt { offset: number; text: string; hex: string; match_offset: number; match_length: number }
export interface Explained {
  option: string; buffer: string; offset: number; length: number; excerpt?: Excerpt; note?: string;
}
// The event is EVE JSON as the agent wrote it; only what the console reads is named.
export interface Eve {
  timestamp?: string; event_type?: string; src_ip?: string; src_port?: number; dest_ip?: string; dest_port?: number;
  proto?: string; app_proto?: string; community_id?: string; flow_id?: number;
  alert?: { signature?: string; signature_id?: number; category?: string; severity?: number; explain?: Explained[]; engine?: string; rule_id?: string };
  log?: { file?: string; line?: number }; message?: string;
  [key: string]: unknown;
}
export interface EventItem {
  id: string; class: string; time: string; observed: string; received: string;
  clock?: { offset_ms: number; quality: string }; count: number; first: string; last: string;
  agent: Named; agency: Named; rule_set?: string; event: Eve;
}
export interface Action {
  id: string; at: string; user: Named; action: string; disposition?: Disposition; reason?: string; note?: string;
  undoes?: string; undone_by?: string;
}
export interface Agent {
  id: string; name: string; agency: Named; status: 'alive' | 'silent' | 'never' | 'revoked'; last_seen?: string | null;
  version?: string; clock_offset_ms?: number | null; rules?: { loaded: number; failed: number; hash?: string };
  spool?: { bytes: number }; counters?: { packets?: number; dropped?: number; alerts?: number; events?: number };
}
export interface Incident {
  id: string; kind: string; status: string; entity: { type: string; value: string; zone?: string };
  agencies: Named[]; groups: string[]; count: number; first: string; last: string; severity: number;
}
export interface Problem { title: string; status: number; detail?: string; code?: string; params?: Record<string, unknown> }
