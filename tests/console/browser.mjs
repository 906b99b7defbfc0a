// Debian's Chromium, headless, as the tests use it.
import { chromium } from 'playwright-core';

export async function open(url) {
  const browser = await chromium.launch({
    executablePath: '/usr/bin/chromium',
    args: ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking',
      '--disable-component-update', '--disable-sync'],
  });
  const context = await browser.newContext({ viewport: { width: 1280, height: 800 }, locale: 'vi-VN' });
  const page = await context.newPage();
  const faults = [];
  page.on('pageerror', (error) => faults.push(`page error: ${error.message}`));
  page.on('console', (m) => {
    // A refused call shows as a failed resource; the tests look at what the page makes of it.
    if (m.type() === 'error' && !m.text().includes('Failed to load resource')) faults.push(`console: ${m.text()}`);
  });
  await page.goto(url);
  return { browser, page, faults };
}

// Logs in with a one-time password and sets one of our own.
export async function firstLogin(page, name, password, next) {
  await page.fill('input[name=username]', name);
  await page.fill('input[name=password]', password);
  await page.click('button.primary');
  await page.waitForSelector('input[name=new]');
  await page.fill('input[name=current]', password);
  await page.fill('input[name=new]', next);
  await page.fill('input[name=again]', next);
  await page.click('button.primary');
  await page.waitForSelector('header nav');
}

export async function firstLine(stream) {
  let text = '';
  for await (const part of stream) text += part;
  return text.split('\n')[0];
}
