import type { components } from './schema';

// Who is logged in. The access token lives in this module's memory and nowhere else; the
// refresh cookie belongs to the server, and scripts cannot read it.

type MeView = components['schemas']['MeView'];
type Tokens = Pick<components['schemas']['TokenOutputBody'], 'accessToken' | 'expiresIn'>;

/** The person who is logged in, and what they may do. */
export type Me = Omit<MeView, 'scopes'> & { scopes: string[] };

/** The state of a session: unknown until the cookie was tried, expired when it ended under an open page. */
export type SessionState = 'unknown' | 'out' | 'in' | 'expired';

interface AccessToken {
  value: string;
  endsAt: number; // milliseconds, by the clock of this machine
}

let token: AccessToken | null = null;
let me: Me | null = null;
let state: SessionState = 'unknown';
let activeAt = Date.now();
const listeners = new Set<() => void>();

/** Minutes without a sign of the person after which the session ends in this browser. */
export const idleMinutes = 30;

/** The session as components read it. */
export const session = {
  subscribe(listener: () => void) {
    listeners.add(listener);
    return () => void listeners.delete(listener);
  },
  state: () => state,
  me: () => me,
  activeAt: () => activeAt,
  /** Notes a sign of the person. */
  touch: () => {
    activeAt = Date.now();
  },
};

function setState(next: SessionState) {
  state = next;
  for (const listener of listeners) listener();
}

/** Goes on with a fresh access token, as the person whom it names. */
export async function setSession(tokens: Tokens): Promise<void> {
  token = { value: tokens.accessToken, endsAt: Date.now() + tokens.expiresIn * 1000 };
  const answer = await fetch('/v1/auth/me', { headers: { Authorization: `Bearer ${token.value}` } });
  if (!answer.ok) throw answer;
  const next = (await answer.json()) as MeView;
  // Nothing of the first person may stay on the screen of another.
  if (me && me.subject !== next.subject) location.reload();
  setMe(next);
}

/** Replaces what is known of the person. */
export function setMe(next: MeView): void {
  me = { ...next, scopes: next.scopes ?? [] };
  setState('in');
}

const post = (path: string, body: Record<string, unknown>) =>
  fetch('/v1/auth/' + path, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify(body),
  });

/** Has a link mailed, to choose a password or to log in; the answer does not tell whether there is somebody. */
export const mailLink = (kind: 'password' | 'login', email: string) => post(kind + '-link', { email });

/** Chooses a password with a mailed link, and returns the status of the answer. */
export const choosePassword = async (link: string, fresh: string) =>
  (await post('password-link/use', { link, new: fresh })).status;

/** Logs in. Returns the answer when it is a refusal, and null when the person is in. */
export async function logIn(email: string, password: string, link?: string): Promise<Response | null> {
  const answer = await post('login', { email, password, link });
  if (!answer.ok) return answer;
  session.touch();
  await setSession(await answer.json());
  return null;
}

/** What the browser is asked for to show a passkey at the second step of a login. */
export const askForPasskey = (challenge: string) => post('login/passkey', { challenge });

/** The second step of a login. Returns the answer when it is a refusal, and null when the person is in. */
export async function showFactor(
  challenge: string,
  shown: { code: string } | { passkey: unknown },
): Promise<Response | null> {
  const answer = await post('login/factor', { challenge, ...shown });
  if (!answer.ok) return answer;
  session.touch();
  await setSession(await answer.json());
  return null;
}

/** Ends the session, here and at the server. */
export async function logOut(): Promise<void> {
  await fetch('/v1/auth/logout', { method: 'POST' }).catch(() => undefined);
  token = me = null;
  setState('out');
}

/** Forgets the token and keeps the page, so that whoever logs in again finds their form as they left it. */
export function expireSession(): void {
  token = null;
  setState(state === 'in' || state === 'expired' ? 'expired' : 'out');
}

let renewing: Promise<boolean> | null = null;

/** Buys the next access token with the cookie. A cookie buys once, so of all tabs only one renews at a time. */
export function renew(): Promise<boolean> {
  renewing ??= withLock(renewNow).finally(() => {
    renewing = null;
  });
  return renewing;
}

async function withLock(work: () => Promise<boolean>): Promise<boolean> {
  return navigator.locks ? navigator.locks.request('patapay-refresh', work) : work();
}

async function renewNow(): Promise<boolean> {
  const answer = await fetch('/v1/auth/refresh', { method: 'POST' });
  if (answer.status === 401 || answer.status === 403) {
    expireSession();
    return false;
  }
  if (!answer.ok) throw answer;
  await setSession(await answer.json()); // this is no sign of the person: lists that poll renew the token too
  return true;
}

/** Returns a token that is good for another half minute, renewed when need be, or null. */
export async function accessToken(): Promise<string | null> {
  if (token && token.endsAt - Date.now() > 30_000) return token.value;
  if (state === 'expired' || state === 'out') return null;
  if (state === 'in' && Date.now() - activeAt > idleMinutes * 60_000) {
    expireSession();
    return null;
  }
  return (await renew()) ? (token?.value ?? null) : null;
}
