import { api, ApiError } from './api';
import { t } from './i18n.svelte';
import { app } from './state.svelte';
import type { Action, Group } from './types';

type Kind = 'archive' | 'escalate' | 'reopen';

// Does one thing to exactly these groups, tells how many it was, and offers to undo just that. `changed` is called with
// each group as the server has it afterwards, after a conflict too.
export async function decide(
  kind: Kind, targets: Group[], verdict: Record<string, string>, changed: (group: Group) => void,
): Promise<void> {
  const done: { group: string; action: Action; version: number }[] = [];
  for (const target of targets) {
    try {
      const answer = await api.act(target.id, { action: kind, version: target.version, ...verdict });
      done.push({ group: target.id, action: answer.action, version: answer.group.version });
      changed(answer.group);
    } catch (error) {
      if (error instanceof ApiError && error.code === 'conflict') changed(await api.group(target.id));
      app.fail(error);
    }
  }
  if (done.length) app.say(`${t('did_' + kind)}: ${done.length}`, () => undo(done, changed));
}

async function undo(done: { group: string; action: Action; version: number }[], changed: (group: Group) => void): Promise<void> {
  app.undo = null;
  let count = 0;
  for (const { group, action, version } of done) {
    try {
      changed((await api.act(group, { action: 'undo', undo_of: action.id, version })).group);
      ++count;
    } catch (error) {
      app.fail(error);
    }
  }
  if (count) app.say(`${t('did_undo')}: ${count}`);
}
