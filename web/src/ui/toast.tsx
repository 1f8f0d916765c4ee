import { useEffect, useState } from 'react';

// One toast at a time, six seconds, and the polite live region that reads it out. Neither is
// ever the only place of a fact.

type Listener = (text: string) => void;
const listeners = { toast: new Set<Listener>(), live: new Set<Listener>() };

/** Shows text for six seconds and announces it. */
export function toast(text: string): void {
  for (const listener of listeners.toast) listener(text);
  announce(text);
}

/** Reads text out to a screen reader; what comes within three seconds replaces what waits. */
export function announce(text: string): void {
  for (const listener of listeners.live) listener(text);
}

function useAnnounced(kind: keyof typeof listeners, minimumPause: number): [string, (text: string) => void] {
  const [text, setText] = useState('');
  useEffect(() => {
    let last = 0;
    let waiting: ReturnType<typeof setTimeout> | undefined;
    const listener: Listener = (next) => {
      clearTimeout(waiting);
      waiting = setTimeout(
        () => {
          last = Date.now();
          setText(next);
        },
        Math.max(0, last + minimumPause - Date.now()),
      );
    };
    listeners[kind].add(listener);
    return () => {
      clearTimeout(waiting);
      listeners[kind].delete(listener);
    };
  }, [kind, minimumPause]);
  return [text, setText];
}

/** Where the toast and the live region stand; the shell renders it once. */
export function Announcer() {
  const [text, setText] = useAnnounced('toast', 0);
  const [spoken] = useAnnounced('live', 3000);
  useEffect(() => {
    if (!text) return;
    const timer = setTimeout(() => setText(''), 6000);
    return () => clearTimeout(timer);
  }, [text, setText]);
  return (
    <>
      <div role="status" aria-live="polite" className="sr" data-testid="live-region">
        {spoken}
      </div>
      {text && (
        <div className="toast">
          <span aria-hidden>{text}</span>
          <button type="button" onClick={() => setText('')}>
            Fechar
          </button>
        </div>
      )}
    </>
  );
}
