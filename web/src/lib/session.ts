// Who is logged in. The access token lives in this module's memory and nowhere else; the
// refresh cookie is the server's, and scripts cannot read it.

export interface Me {
  subject: string;
  role: string;
  tenantId?: string;
  platform: boolean;
  scopes: string[];
  name?: string;
  email?: string;
  mustChangePassword?: boolean;
  preferences?: { theme: 'auto' | 'light' | 'dark'; shortcuts: boolean; mutedMails: string[] };
}

/** How a session stands: unknown until the cookie was tried; lost when it ended under an open page. */
export type State = 'unknown' | 'out' | 'in' | 'lost';

interface Token {
  value: string;
  endsAt: number; // milliseconds, of this machine's clock
}

let token: Token | null = null;
let me: Me | null = null;
let state: State = 'unknown';
let activeAt = Date.now();
const listeners = new Set<() => void>();

/** Minutes without a sign of the person after which the session ends here. */
export const idleMinutes = 30;

export const session = {
  subscribe(listener: () => void) {
    listeners.add(listener);
    return () => void listeners.delete(listener);
  },
  state: () => state,
  me: () => me,
  activeAt: () => activeAt,
  touch: () => {
    activeAt = Date.now();
  },
};

function tell(next: State) {
  state = next;
  for (const listener of listeners) listener();
}

/** Works with a fresh access token from now on, as whom it names. */
export async function take(body: { accessToken: string; expiresIn: number }): Promise<void> {
  token = { value: body.accessToken, endsAt: Date.now() + body.expiresIn * 1000 };
  const who = await fetch('/v1/auth/me', { headers: { Authorization: `Bearer ${token.value}` } });
  if (!who.ok) throw who;
  const next = (await who.json()) as Me;
  if (me && me.subject !== next.subject) location.reload(); // another person: nothing of the first may stay on screen
  setMe(next);
}

/** What is known of the person from now on. */
export function setMe(next: Me): void {
  me = { ...next, scopes: next.scopes ?? [] };
  tell('in');
}

/** Logs in; the answer when it was refused, null when all is well. */
export async function logIn(email: string, password: string): Promise<Response | null> {
  const answer = await fetch('/v1/auth/login', {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify({ email, password }),
  });
  if (!answer.ok) return answer;
  session.touch();
  await take(await answer.json());
  return null;
}

export async function logOut(): Promise<void> {
  await fetch('/v1/auth/logout', { method: 'POST' }).catch(() => undefined);
  token = me = null;
  tell('out');
}

/** Ends what this page may do, and keeps the page: whoever logs in again finds their form. */
export function lose(): void {
  token = null;
  tell(state === 'in' || state === 'lost' ? 'lost' : 'out');
}

let renewing: Promise<boolean> | null = null;

/** Buys the next access token with the cookie. One at a time, over all tabs: each cookie buys once. */
export function renew(): Promise<boolean> {
  renewing ??= locked(renewNow).finally(() => {
    renewing = null;
  });
  return renewing;
}

async function locked(fn: () => Promise<boolean>): Promise<boolean> {
  return navigator.locks ? navigator.locks.request('patapay-refresh', fn) : fn();
}

async function renewNow(): Promise<boolean> {
  const answer = await fetch('/v1/auth/refresh', { method: 'POST' });
  if (answer.status === 401 || answer.status === 403) {
    lose();
    return false;
  }
  if (!answer.ok) throw answer;
  await take(await answer.json()); // no sign of the person: lists that look for news renew it too
  return true;
}

/** A token that is good for another half minute, or null. */
export async function accessToken(): Promise<string | null> {
  if (token && token.endsAt - Date.now() > 30_000) return token.value;
  if (state === 'lost' || state === 'out') return null;
  if (state === 'in' && Date.now() - activeAt > idleMinutes * 60_000) {
    lose();
    return null;
  }
  return (await renew()) ? (token?.value ?? null) : null;
}
