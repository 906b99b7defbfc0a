// Looks at the inbox as an operator: inbox.mjs URL RULE,RULE… FOLDER, one-time password on standard input.
// Every rule has to be a row; one alert has to show its explained match. Screenshots go to FOLDER.
import { randomBytes } from 'node:crypto';
import { firstLine, firstLogin, open } from './browser.mjs';

const [url, rules, folder] = process.argv.slice(2);
const password = await firstLine(process.stdin);
const { browser, page, faults } = await open(url);
try {
  await firstLogin(page, 'admin', password, randomBytes(12).toString('hex'));
  await page.waitForSelector('tr[data-group]', { timeout: 15000 });
  for (const rule of rules.split(','))
    if ((await page.locator(`tr[data-sid="${rule}"]`).count()) === 0) faults.push(`rule ${rule} is not in the inbox`);
  await page.screenshot({ path: `${folder}/inbox.png` });
  await page.locator('tr[data-group] a').first().click();
  await page.waitForSelector('[data-testid=explained]', { timeout: 10000 });
  await page.locator('[data-testid=explained] details summary').first().click().catch(() => {});
  await page.screenshot({ path: `${folder}/group.png`, fullPage: true });
  await page.goto(url + '/#/agents');
  await page.waitForSelector('tr[data-agent][data-status=alive]', { timeout: 15000 });
  await page.screenshot({ path: `${folder}/agents.png` });
} catch (error) {
  faults.push(error.message.split('\n')[0]);
  await page.screenshot({ path: `${folder}/failed.png` }).catch(() => {});
}
await browser.close();
for (const fault of faults) console.log('FAIL', fault);
process.exit(faults.length ? 1 : 0);
