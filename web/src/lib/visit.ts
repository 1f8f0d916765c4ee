import { session } from './session';

// An operator who sees a clinic's pages as the clinic does: for a written reason that stands in the clinic's own audit,
// for half an hour, and only to read. The API holds that; what is kept here is what the pages show of it.

export interface Visit {
  id: string; // goes with every request
  tenant: string;
  name: string; // of the clinic
  reason: string;
  operator: string; // subject of the session that began it
  endsAt: number; // milliseconds, by the clock of this machine
}

/** How long a visit lasts, in minutes. */
export const visitMinutes = 30;

const place = 'patapay-visit';
const listeners = new Set<() => void>();
let stored: Visit | null = read();
let timer: ReturnType<typeof setTimeout> | undefined;

function read(): Visit | null {
  try {
    return JSON.parse(sessionStorage.getItem(place) ?? 'null') as Visit | null;
  } catch {
    return null;
  }
}

function keep(next: Visit | null) {
  stored = next;
  if (next) sessionStorage.setItem(place, JSON.stringify(next));
  else sessionStorage.removeItem(place);
  schedule();
  for (const listener of listeners) listener();
}

function schedule() {
  clearTimeout(timer);
  if (stored) timer = setTimeout(() => keep(null), Math.max(0, stored.endsAt - Date.now()));
}
schedule();

export const visit = {
  subscribe(listener: () => void) {
    listeners.add(listener);
    return () => void listeners.delete(listener);
  },
  /** The visit that is under way, or null: of another person's session it is none. */
  current: (): Visit | null =>
    stored && stored.endsAt > Date.now() && stored.operator === session.me()?.subject ? stored : null,
  begin(id: string, tenant: string, name: string, reason: string) {
    const operator = session.me()?.subject ?? '';
    keep({ id, tenant, name, reason: reason.trim(), operator, endsAt: Date.now() + visitMinutes * 60_000 });
  },
  end: () => keep(null),
};
