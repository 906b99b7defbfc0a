// The console worked as an operator works it, by keyboard: page.mjs URL LOGFILE FOLDER, one-time password on standard input.
// Real server, real agent: lines appended to LOGFILE become alerts while the page is open.
import { appendFileSync } from 'node:fs';
import { randomBytes } from 'node:crypto';
import { firstLine, firstLogin, open } from './browser.mjs';

const [url, log, folder] = process.argv.slice(2);
const password = await firstLine(process.stdin);
const own = randomBytes(12).toString('hex');
const { browser, page, faults } = await open(url);
const row = (sid) => page.locator(`tr[data-sid="${sid}"]`);
const GUESS = '6f1d2c1e-3a0b-4c58-9d52-0d6c5b1f7a03';
const ACCEPTED = '6f1d2c1e-3a0b-4c58-9d52-0d6c5b1f7a04';
let step = '';

async function expect(what, test, seconds = 15) {
  const end = Date.now() + seconds * 1000;
  while (!(await test())) {
    if (Date.now() > end) throw new Error(`${step}: ${what}`);
    await page.waitForTimeout(50);
  }
}
function happen(line) {
  appendFileSync(log, `Nov 23 18:00:00 xa-01 sshd[77]: ${line}\n`);
}

try {
  step = 'a wrong password is refused in words';
  await page.fill('input[name=username]', 'admin');
  await page.fill('input[name=password]', 'khong-dung');
  await page.click('button.primary');
  await expect('the reason is shown', async () => (await page.locator('[role=alert]').innerText().catch(() => '')).includes('Sai tên'));

  step = 'the first log-in asks for a password of one\'s own';
  await firstLogin(page, 'admin', password, own);
  await expect('the inbox is empty and says so', () => page.getByText('Không còn cảnh báo nào').isVisible());
  await expect('live updates are on', async () => (await page.locator('header [role=status]').innerText()).includes('Trực tiếp'));

  step = 'an alert arrives while the page is open';
  happen('Failed password for root from 203.0.113.9 port 4022 ssh2');
  await expect('the row appears by itself', async () => (await row(GUESS).count()) === 1);
  happen('Failed password for root from 203.0.113.9 port 4023 ssh2');
  await expect('the count grows, in the same row', async () => /(^|\s)2(\s|$)/.test(await row(GUESS).innerText()));
  happen('Accepted password for root from 203.0.113.9 port 4024 ssh2');
  await expect('another rule makes another row', async () => (await row(ACCEPTED).count()) === 1);
  await page.screenshot({ path: `${folder}/inbox-vi.png` });

  step = 'keys move and open';
  await expect('the first row has the focus', async () => (await page.locator('tr.focus').count()) === 1);
  const first = await page.locator('tr.focus').getAttribute('data-sid');
  await page.keyboard.press('KeyJ');
  await expect('j goes down', async () => (await page.locator('tr.focus').getAttribute('data-sid')) !== first);
  await page.keyboard.press('KeyK');
  await page.keyboard.press('Enter');
  await expect('the match is explained', async () => (await page.locator('[data-testid=explained]').count()) >= 1);
  await expect('the matched text is marked', async () => (await page.locator('mark').count()) >= 1);
  await page.screenshot({ path: `${folder}/group-vi.png` });
  await page.keyboard.press('Escape');
  await expect('escape goes back', async () => (await row(GUESS).count()) === 1);

  step = 'a decision is a keystroke, and can be undone';
  await page.locator(`tr[data-sid="${GUESS}"]`).click();
  await page.keyboard.press('KeyE');
  await page.keyboard.press('Digit3');
  await page.click('[role=dialog] button.primary');
  await expect('a false positive wants a reason', async () => (await page.locator('[role=dialog] [role=alert]').count()) === 1);
  await page.fill('[role=dialog] textarea', 'Quản trị viên quên mật khẩu');
  await page.click('[role=dialog] button.primary');
  await expect('the row is gone', async () => (await row(GUESS).count()) === 0);
  await page.keyboard.press('KeyU');
  await expect('undo brings it back', async () => (await row(GUESS).count()) === 1);
  await page.locator(`tr[data-sid="${GUESS}"]`).click();
  await page.keyboard.press('KeyS');
  await expect('escalated leaves the inbox', async () => (await row(GUESS).count()) === 0);
  await page.click('nav a[href="#/escalated"]');
  await expect('and stands among the escalated', async () => (await row(GUESS).count()) === 1);

  step = 'typing does not trigger keys';
  await page.click('nav a[href="#/inbox"]');
  await expect('a row is there', async () => (await row(ACCEPTED).count()) === 1);
  await page.keyboard.press('Slash');
  await page.keyboard.type('esesk');
  await expect('nothing matches the search', async () => (await row(ACCEPTED).count()) === 0);
  await page.keyboard.press('Escape');
  await expect('the row is still there afterwards', async () => (await row(ACCEPTED).count()) === 1);

  step = 'English, dark, and the agents';
  await page.getByRole('button', { name: 'English' }).click();
  await page.getByRole('button', { name: 'Light/dark' }).click();
  await expect('English is shown', () => page.getByRole('link', { name: 'Inbox' }).isVisible());
  await page.screenshot({ path: `${folder}/inbox-en-dark.png` });
  await page.click('nav a[href="#/agents"]');
  await expect('the agent is alive', async () => (await page.locator('tr[data-status=alive]').count()) === 1);
  await page.screenshot({ path: `${folder}/agents-en-dark.png` });

  step = 'log-out ends the session';
  await page.getByRole('button', { name: 'Log out' }).click();
  await expect('the log-in is shown', () => page.locator('input[name=username]').isVisible());
  const status = await page.evaluate(() => fetch('/api/v1/groups').then((a) => a.status));
  if (status !== 401) faults.push(`after log-out the API answers ${status}`);
} catch (error) {
  faults.push(error.message.split('\n')[0]);
  await page.screenshot({ path: `${folder}/failed.png` }).catch(() => {});
}
await browser.close();
for (const fault of faults) console.log('FAIL', fault);
process.exit(faults.length ? 1 : 0);
