import { api, ApiError, setCsrf } from './api';
import { t } from './i18n.svelte';
import type { Session } from './types';

// What the whole page shares: who is logged in, the line at the bottom, the theme, where we are.
class AppState {
  session = $state<Session | null>(null);
  loading = $state(true);
  notice = $state('');
  undo = $state<(() => Promise<void>) | null>(null);
  live = $state(false);
  route = $state(location.hash.slice(1) || '/inbox');
  theme = $state(localStorage.getItem('chieng.theme') ?? (matchMedia('(prefers-color-scheme: dark)').matches ? 'dark' : 'light'));
  silentAgents = $state(0);
  private timer: ReturnType<typeof setTimeout> | undefined;

  constructor() {
    addEventListener('hashchange', () => (this.route = location.hash.slice(1) || '/inbox'));
    document.documentElement.dataset.theme = this.theme;
  }

  async start(): Promise<void> {
    try {
      this.enter(await api.session());
    } catch (error) {
      if (error instanceof ApiError && error.code === 'offline') this.say(t('offline'));
    }
    this.loading = false;
  }

  enter(session: Session): void {
    setCsrf(session.csrf);
    this.session = session;
    this.notice = '';
  }

  leave(text = ''): void {
    setCsrf('');
    this.session = null;
    this.undo = null;
    this.notice = text;
  }

  toggleTheme(): void {
    this.theme = this.theme === 'dark' ? 'light' : 'dark';
    localStorage.setItem('chieng.theme', this.theme);
    document.documentElement.dataset.theme = this.theme;
  }

  // A line at the bottom; with an undo it stays longer.
  say(text: string, undo: (() => Promise<void>) | null = null): void {
    clearTimeout(this.timer);
    this.notice = text;
    this.undo = undo;
    this.timer = setTimeout(() => (this.notice = ''), undo ? 20000 : 7000);
  }

  // Every failed call ends here; a lost session goes back to the log-in.
  fail(error: unknown): void {
    if (!(error instanceof ApiError)) {
      this.say(t('error') + String(error));
      return;
    }
    if (error.code === 'unauthenticated') this.leave(t('session_over'));
    else if (['offline', 'forbidden', 'not_found', 'conflict', 'rate_limited'].includes(error.code)) this.say(t(error.code));
    else this.say(t('error') + error.message);
  }
}

export const app = new AppState();
export function go(path: string): void { location.hash = path; }
