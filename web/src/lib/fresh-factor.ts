// Calls that ask for a second factor which was just shown wait here for the dialog that asks the person for it.

let waiting: ((shown: boolean) => void)[] = [];
const listeners = new Set<() => void>();

function tell() {
  for (const listener of listeners) listener();
}

/** What the calls of the API and the dialog share. */
export const freshFactor = {
  subscribe(listener: () => void) {
    listeners.add(listener);
    return () => void listeners.delete(listener);
  },
  asked: () => waiting.length > 0,
  /** Asks the person, and tells whether they showed it. */
  ask(): Promise<boolean> {
    return new Promise((resolve) => {
      waiting.push(resolve);
      tell();
    });
  },
  /** Lets every call that waits go on, or end refused. */
  answer(shown: boolean) {
    const all = waiting;
    waiting = [];
    for (const resolve of all) resolve(shown);
    tell();
  },
};
