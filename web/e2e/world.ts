import { expect, test as base, type Page, type Request } from '@playwright/test';
import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { createRequire } from 'node:module';
import { readFileSync } from 'node:fs';

// What the browser tests stand on: the running program, its simulator, and clinics of a
// test's own. Every test ends with the same three questions: did the console complain, did
// the page ask another host, did the content policy refuse something.

interface Ready {
  url: string;
  webhookUrl: string;
  simulatorUrl: string;
  adminToken: string;
  databaseUrl: string; // its owner's
  clinics: {
    id: string;
    name: string;
    login: string;
    password: string;
    token: string;
    accountId: string;
    webhookToken: string;
  }[];
}

export const ready = (): Ready => JSON.parse(readFileSync(process.env.PATAPAY_READY_FILE!, 'utf8'));

async function post(url: string, body: unknown, token = ''): Promise<any> {
  const answer = await fetch(url, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json', Authorization: `Bearer ${token}` },
    body: JSON.stringify(body),
  });
  if (!answer.ok) throw new Error(`${url}: ${answer.status} ${await answer.text()}`);
  return answer.json();
}

/** Orders the simulator to do something. */
export const order = (path: string, body: unknown = {}) => post(ready().simulatorUrl + path, body);

/** A new CNPJ, with its check digits. */
export function newTaxId(): string {
  let digits = Array.from(randomBytes(8), (b) => b % 10).join('') + '0001';
  for (const start of [5, 6]) {
    let sum = 0;
    let weight = start;
    for (const d of digits) {
      sum += Number(d) * weight;
      weight = weight === 2 ? 9 : weight - 1;
    }
    digits += sum % 11 < 2 ? 0 : 11 - (sum % 11);
  }
  return digits;
}

export interface Clinic {
  id: string;
  name: string;
  login: string;
  password: string;
  account: { id: string; apiKey: string; walletId: string };
}

/** A clinic of this test's own with an account at the simulator, not connected yet. */
export async function newClinic(name = 'Clínica ' + randomBytes(3).toString('hex')): Promise<Clinic> {
  const taxId = newTaxId();
  const account = await order('/admin/accounts', { name, cpfCnpj: taxId });
  const login = `${randomBytes(6).toString('hex')}@patapay.example`;
  const admin = { email: login, name: 'Ana Admin', password: 'uma-senha-de-teste-2026' };
  const tenant = await post(
    ready().url + '/v1/tenants',
    { externalId: 'e2e-' + login, name, taxId, sandbox: true, admin },
    ready().adminToken,
  );
  return { id: tenant.id, name, login, password: admin.password, account };
}

/** Connects a clinic through the API, without a page. */
export async function connect(clinic: Clinic): Promise<void> {
  const at = `${ready().url}/v1/tenants/${clinic.id}/connection`;
  const headers = { Authorization: `Bearer ${ready().adminToken}`, 'Content-Type': 'application/json' };
  const put = await fetch(at, {
    method: 'PUT',
    headers: { ...headers, 'If-Match': '"0"' },
    body: JSON.stringify({ apiKey: clinic.account.apiKey, setUp: true }),
  });
  if (!put.ok) throw new Error(await put.text());
  const state = async () => {
    const { data } = await api(clinic, 'GET', '/operations');
    const failed = data.find((o: any) => o.state === 'failed');
    if (failed) return `${failed.kind} failed: ${failed.code} ${JSON.stringify(failed.steps)}`;
    return (await api(clinic, 'GET', '/connection')).state;
  };
  await expect.poll(state).toBe('active');
}

/**
 * Waits until the connection monitor's first check is over, which would resume a paused queue by itself. The next one
 * is half an hour away.
 */
export async function firstCheckDone(clinic: Clinic): Promise<void> {
  const headers = { Authorization: `Bearer ${ready().adminToken}` };
  const done = async () =>
    (await (await fetch(`${ready().url}/v1/tenants/${clinic.id}/operations`, { headers })).json()).data.some(
      (o: any) => o.kind === 'connection.backfill' && o.state === 'done',
    );
  await expect.poll(done).toBe(true);
}

/** Runs SQL as the owner of the tables; :c is the clinic's number. */
export function sql(clinic: Clinic, text: string): void {
  const number = `(SELECT clinic_id FROM clinics WHERE name = '${clinic.name}')`;
  execFileSync('psql', ['-qv', 'ON_ERROR_STOP=1', '-c', text.replaceAll(':c', number), ready().databaseUrl]);
}

/** Gives the clinic 100,000 invoices. */
export function hundredThousand(clinic: Clinic): void {
  const args = ['-qv', 'ON_ERROR_STOP=1', '-v', 'clinic=' + clinic.name, '-f', 'e2e/many-invoices.sql'];
  execFileSync('psql', [...args, ready().databaseUrl], { stdio: ['ignore', 'ignore', 'inherit'] });
}

/** Changes the clinic's webhook at the gateway, as somebody does in its panel. */
export async function webhook(clinic: Clinic, change: Record<string, unknown>): Promise<void> {
  const headers = { access_token: clinic.account.apiKey, 'Content-Type': 'application/json', 'User-Agent': 'e2e' };
  const hooks = await (await fetch(ready().simulatorUrl + '/v3/webhooks', { headers })).json();
  const put = await fetch(`${ready().simulatorUrl}/v3/webhooks/${hooks.data[0].id}`, {
    method: 'PUT',
    headers,
    body: JSON.stringify(change),
  });
  if (!put.ok) throw new Error(await put.text());
}

/** Pauses the clinic's queue at the gateway, as fifteen failures would. */
export const pause = (clinic: Clinic) => webhook(clinic, { interrupted: true });

/** Lets a flow happen in the clinic's account, and waits until PataPay has processed every event of it. */
export async function play(
  clinic: Clinic,
  flow: string,
  details: { amountCents?: number; reference?: string } = {},
): Promise<any> {
  const played = await order(`/admin/accounts/${clinic.account.id}/flows/${flow}`, details);
  await processed(clinic);
  return played;
}

/** Waits until the gateway has delivered all that it has for the clinic, and PataPay has processed it. */
export async function processed(clinic: Clinic): Promise<void> {
  const waiting = async () => {
    const { accounts } = await (await fetch(ready().simulatorUrl + '/admin/state')).json();
    const { webhooks } = accounts.find((a: any) => a.id === clinic.account.id);
    return webhooks.reduce((n: number, w: any) => n + w.waiting, 0);
  };
  await expect.poll(waiting, 'events that the gateway has not delivered').toBe(0);
  const received = async () => (await api(clinic, 'GET', '/events?outcome=received&include=count&limit=1')).count.total;
  await expect.poll(received, 'events that are not processed').toBe(0);
}

/** Logs in on the page that stands open. */
export async function logIn(page: Page, who: { login: string; password: string }): Promise<void> {
  await page.getByLabel('E-mail').fill(who.login);
  await page.getByLabel('Senha', { exact: true }).fill(who.password);
  await page.getByRole('button', { name: 'Entrar' }).click();
}

/** Asks /v1 about a clinic with the platform's own token. */
export async function api(clinic: Clinic, method: string, path: string, body?: unknown): Promise<any> {
  const headers = {
    Authorization: `Bearer ${ready().adminToken}`,
    'Content-Type': 'application/json',
    'If-Match': '*',
    'Idempotency-Key': crypto.randomUUID(),
  };
  const answer = await fetch(`${ready().url}/v1/tenants/${clinic.id}${path}`, {
    method,
    headers,
    body: body ? JSON.stringify(body) : undefined,
  });
  if (!answer.ok) throw new Error(`${path}: ${answer.status} ${await answer.text()}`);
  return answer.json();
}

/** Lets a person in and chooses their own password on the page. */
export async function arrive(
  page: Page,
  clinic: Clinic,
  role: string,
  path = '/app',
): Promise<{ login: string; password: string }> {
  const login = `${role}-${clinic.login}`;
  const made = await api(clinic, 'POST', '/users', { name: 'Bia ' + role, email: login, role });
  const own = 'outra-senha-de-teste-2026';
  await page.goto(ready().url + path);
  await logIn(page, { login, password: made.startPassword });
  await expect(page.getByRole('heading', { level: 1, name: 'Crie sua senha' })).toBeVisible();
  await page.getByLabel('Senha inicial', { exact: true }).fill(made.startPassword);
  await page.getByLabel('Senha nova', { exact: true }).fill(own);
  await page.getByLabel('Repita a senha nova', { exact: true }).fill(own);
  await page.getByRole('button', { name: 'Criar senha' }).click();
  await expect(page.getByRole('navigation', { name: 'Principal' })).toBeVisible();
  return { login, password: own };
}

/** Opens path as the person of a clinic. */
export async function open(page: Page, path: string, who: { login: string; password: string }): Promise<void> {
  await page.goto(ready().url + path);
  await logIn(page, who);
  await expect(page).not.toHaveURL(/entrar/);
  expect(new URL(page.url()).pathname).toBe(path.replace(/[?].*/, ''));
}

/** Opens the filters of a list behind their button. */
export async function openFilters(page: Page): Promise<void> {
  await page.getByRole('button', { name: /^Filtros/ }).click();
  await expect(page.getByTestId('filter-fields')).toBeVisible();
}

/** Pastes text into the field, as a person does. */
export async function paste(page: Page, testId: string, text: string): Promise<void> {
  await page.getByTestId(testId).evaluate((field, text) => {
    const data = new DataTransfer();
    data.setData('text/plain', text);
    field.dispatchEvent(new ClipboardEvent('paste', { clipboardData: data, bubbles: true, cancelable: true }));
  }, text);
}

const axe = createRequire(import.meta.url).resolve('axe-core/axe.min.js');

/** Fails for what axe calls moderate or worse; the second theme differs in its contrasts only. */
export async function accessible(page: Page, rules?: string[]): Promise<void> {
  if (!(await page.evaluate(() => 'axe' in window))) await page.evaluate(readFileSync(axe, 'utf8'));
  const found = await page.evaluate(async (rules) => {
    const result = await (window as any).axe.run(document, {
      resultTypes: ['violations'],
      ...(rules && { runOnly: rules }),
    });
    return result.violations
      .filter((v: any) => ['moderate', 'serious', 'critical'].includes(v.impact))
      .map(
        (v: any) =>
          `${v.id}: ${v.nodes.map((n: any) => n.html.slice(0, 160) + ' ' + (n.any[0]?.message ?? '')).join(' | ')}`,
      );
  }, rules);
  expect(found).toEqual([]);
}

/** Keeps account, from the next opening on, of what moves on the page by itself. */
export async function watchShifts(page: Page): Promise<void> {
  await page.addInitScript(() => {
    const shifts: { value: number; moved: string[] }[] = [];
    Object.assign(window, { shifts });
    const shown = (s: any) => {
      const name = s.node?.dataset?.testid ?? s.node?.className ?? s.node?.nodeName;
      return `${name} (${s.node?.textContent?.slice(0, 40)}): y ${s.previousRect.y} → ${s.currentRect.y}`;
    };
    new PerformanceObserver((list) => {
      for (const entry of list.getEntries() as any[])
        if (!entry.hadRecentInput) shifts.push({ value: entry.value, moved: entry.sources.map(shown) });
    }).observe({ type: 'layout-shift', buffered: true });
  });
}

/** Fails when more moved since the page was opened than readers bear: a sum of shifts, of which 0.1 is still called good. */
export async function stoodStill(page: Page, name: string): Promise<void> {
  const shifts: { value: number }[] = await page.evaluate(() => (window as any).shifts);
  const sum = shifts.reduce((all, shift) => all + shift.value, 0);
  expect(sum, `${name}: what moved: ${JSON.stringify(shifts)}`).toBeLessThanOrEqual(0.05);
}

const underWay = new WeakMap<Page, Set<Request>>();

/** Keeps account of the page's calls of the API that are not answered yet; the feed, which never ends, is none. */
function watchCalls(page: Page): void {
  const calls = new Set<Request>();
  underWay.set(page, calls);
  page.on('request', (r) => /\/v1\//.test(r.url()) && !r.url().endsWith('/feed/stream') && calls.add(r));
  page.on('requestfinished', (r) => calls.delete(r));
  page.on('requestfailed', (r) => calls.delete(r));
  // The page may leave the body of a refusal unread, and such a request never finishes.
  page.on('response', (r) => !r.ok() && calls.delete(r.request()));
}

/** Waits until the page shows all that it asked for: nothing is loading, and no call is under way. */
export async function calm(page: Page): Promise<void> {
  const awaited = async () => [
    ...(await page.locator('main div[aria-busy=true]').allInnerTexts()),
    ...[...(underWay.get(page) ?? [])].map((r) => `${r.method()} ${r.url()}`),
  ];
  await expect.poll(awaited, { message: 'what the page waits for', intervals: [50, 100, 150, 250] }).toEqual([]);
}

/** The clinic's feed flows and tells of nothing: what the page asks for is then caused by what the test does. */
export const feedStandsStill = (page: Page): Promise<unknown> =>
  page.addInitScript(() => {
    const send = window.fetch;
    window.fetch = async (input, init) => {
      const url = input instanceof Request ? input.url : String(input);
      if (url.includes('/feed/stream')) return new Response(new ReadableStream());
      return url.includes('/feed?') ? Response.json({ newest: 0 }) : send(input, init);
    };
  });

/** Waits until nothing is wider than the window; says what is. */
export async function fits(page: Page): Promise<void> {
  const over = () =>
    page.evaluate(() => {
      const width = document.documentElement.clientWidth;
      if (document.documentElement.scrollWidth <= width) return [];
      const wide = [...document.querySelectorAll('body *')].filter((e) => e.getBoundingClientRect().right > width + 1);
      return wide.map((e) => e.outerHTML.slice(0, 100)).slice(-4);
    });
  await expect.poll(over, 'wider than the window').toEqual([]); // a chart is drawn anew after the window changed
}

/**
 * What reads like a code among the words of the page. A code stands in a titled `code`; an unknown state
 * stands in its badge; and what a clinic or a payload says is theirs.
 */
const codes = (page: Page) =>
  page.evaluate(() => {
    const lawful = 'code[title], .badge, .printed, [data-testid=payload], option, [data-testid^=value-], script, style';
    const walker = document.createTreeWalker(document.querySelector('main')!, NodeFilter.SHOW_TEXT);
    const found: string[] = [];
    for (let node = walker.nextNode(); node; node = walker.nextNode()) {
      const text = node.textContent!.replace(/\b(pay|cus|sub|ins)_\w+/g, ''); // an id of Asaas's may look like one
      if (/[A-Z_]{6,}/.test(text) && !node.parentElement!.closest(lawful)) found.push(node.textContent!);
    }
    return found;
  });

/** Photographs the page at every width and in both themes, and looks at each for what a machine can see. */
export async function everyWay(page: Page, name: string): Promise<void> {
  await calm(page);
  expect(await codes(page), 'a code without a word').toEqual([]);
  for (const colorScheme of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
    for (const width of [1280, 768, 320]) {
      await page.setViewportSize({ width, height: 900 });
      await fits(page);
      if (process.env.SHOTS)
        await page.screenshot({ path: `${process.env.SHOTS}/${name}-${width}-${colorScheme}.png`, fullPage: true });
    }
    await accessible(page, colorScheme === 'dark' ? ['color-contrast'] : undefined);
  }
  await page.setViewportSize({ width: 1280, height: 900 });
  await page.emulateMedia({ colorScheme: 'light' });
}

/** everyWay when pictures are asked for (SHOTS); a run without them skips it, because its parts are checked elsewhere. */
export const everyWayIfPictured = process.env.SHOTS
  ? everyWay
  : async (_page: Page, _name: string): Promise<void> => undefined;

export const test = base.extend<{ complaints: string[] }>({
  complaints: [
    async ({ page }, use) => {
      const complaints: string[] = [];
      watchCalls(page);
      const own = new URL(ready().url).host;
      // An answer that is a refusal stands in the console too; the tests that provoke one see its text on the page.
      page.on(
        'console',
        (m) => m.type() === 'error' && !m.text().startsWith('Failed to load resource') && complaints.push(m.text()),
      );
      page.on('pageerror', (e) => complaints.push(String(e)));
      page.on('dialog', (d) => complaints.push('dialog: ' + d.message()));
      page.on(
        'request',
        (r) =>
          new URL(r.url()).host !== own && !r.url().startsWith('data:') && complaints.push('another host: ' + r.url()),
      );
      await use(complaints);
      expect(complaints).toEqual([]);
    },
    { auto: true },
  ],
});

export { expect };
