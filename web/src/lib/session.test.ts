import { afterEach, beforeEach, expect, test, vi } from 'vitest';

// Each test has a session module of its own, a clock that it moves, and a server of a few lines.

type Session = typeof import('./session');

const half = 15 * 60_000;
const refusals = { refresh: 0, login: 0 }; // the status that the server answers with, when it refuses
let asked: string[] = [];
let reloads = 0;
let subject = 'usr_ana';
let fresh: Session;

const json = (value: unknown, status = 200) => new Response(JSON.stringify(value), { status });

async function server(path: string): Promise<Response> {
  asked.push(path);
  const operation = path.split('/').at(-1) as keyof typeof refusals;
  if (refusals[operation]) return json({ status: refusals[operation] }, refusals[operation]);
  if (path === '/v1/auth/me') return json({ subject, role: 'admin', platform: false, scopes: null });
  return json({ accessToken: 'token-' + asked.length, expiresIn: 900 });
}

beforeEach(async () => {
  vi.resetModules();
  vi.useFakeTimers();
  Object.assign(refusals, { refresh: 0, login: 0 });
  asked = [];
  reloads = 0;
  subject = 'usr_ana';
  vi.stubGlobal('fetch', server);
  vi.stubGlobal('navigator', {});
  vi.stubGlobal('location', { reload: () => reloads++ });
  fresh = await import('./session');
});

afterEach(() => {
  vi.unstubAllGlobals();
  vi.useRealTimers();
});

test('a login makes a session, tells whoever listens, and a person without scopes may nothing', async () => {
  const states: string[] = [];
  fresh.session.subscribe(() => states.push(fresh.session.state()));
  expect(await fresh.logIn('ana@clinica.example', 'x')).toBeNull();
  expect(states).toEqual(['in']);
  expect(fresh.session.me()).toMatchObject({ subject: 'usr_ana', scopes: [] });
});

test('a refused login is returned and leaves no session', async () => {
  refusals.login = 401;
  expect((await fresh.logIn('ana@clinica.example', 'x'))?.status).toBe(401);
  expect(fresh.session.me()).toBeNull();
  expect(fresh.session.state()).toBe('unknown');
});

test('a token is renewed half a minute before its end, once for all who ask', async () => {
  await fresh.logIn('ana@clinica.example', 'x');
  const first = await fresh.accessToken();
  vi.advanceTimersByTime(half - 31_000);
  expect(await fresh.accessToken()).toBe(first);
  vi.advanceTimersByTime(2_000);
  const [one, other] = await Promise.all([fresh.accessToken(), fresh.accessToken()]);
  expect(one).not.toBe(first);
  expect(other).toBe(one);
  expect(asked.filter((path) => path.endsWith('/refresh'))).toHaveLength(1);
});

test('without a sign of the person the session expires, and what polls does not keep it', async () => {
  await fresh.logIn('ana@clinica.example', 'x');
  vi.advanceTimersByTime(half);
  expect(await fresh.accessToken()).not.toBeNull(); // renewed by a list that polls
  vi.advanceTimersByTime(half + 1);
  expect(await fresh.accessToken()).toBeNull();
  expect(fresh.session.state()).toBe('expired');
  expect(fresh.session.me(), 'the page stays').not.toBeNull();
});

test('a sign of the person keeps the session', async () => {
  await fresh.logIn('ana@clinica.example', 'x');
  vi.advanceTimersByTime(half);
  fresh.session.touch();
  vi.advanceTimersByTime(half + 1);
  expect(await fresh.accessToken()).not.toBeNull();
});

test('a cookie that buys nothing sends the newcomer to the login, and leaves an open page open', async () => {
  refusals.refresh = 401;
  expect(await fresh.renew()).toBe(false);
  expect(fresh.session.state()).toBe('out');
  await fresh.logIn('ana@clinica.example', 'x');
  expect(await fresh.renew()).toBe(false);
  expect(fresh.session.state()).toBe('expired');
});

test('a server that fails ends no session', async () => {
  await fresh.logIn('ana@clinica.example', 'x');
  refusals.refresh = 503;
  await expect(fresh.renew()).rejects.toMatchObject({ status: 503 });
  expect(fresh.session.state()).toBe('in');
  refusals.refresh = 0;
  expect(await fresh.renew()).toBe(true);
});

test('after another person logged in, the page is loaded anew', async () => {
  await fresh.logIn('ana@clinica.example', 'x');
  fresh.expireSession();
  await fresh.logIn('ana@clinica.example', 'x');
  expect(reloads).toBe(0);
  subject = 'usr_bia';
  await fresh.logIn('bia@clinica.example', 'x');
  expect(reloads).toBe(1);
});

test('who logged out has no token, and none is bought', async () => {
  await fresh.logIn('ana@clinica.example', 'x');
  await fresh.logOut();
  asked = [];
  expect(await fresh.accessToken()).toBeNull();
  expect(fresh.session.state()).toBe('out');
  expect(asked).toEqual([]);
});
