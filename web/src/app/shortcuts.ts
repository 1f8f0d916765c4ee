import { useEffect } from 'react';

import { session } from '../lib/session';

/** Whether keys that are pressed at `target` write text. */
function isTextField(target: EventTarget | null): boolean {
  return (
    target instanceof HTMLElement &&
    (target.isContentEditable || ['INPUT', 'TEXTAREA', 'SELECT'].includes(target.tagName))
  );
}

/** Moves the focus by `step` among the rows of the list on screen. */
function moveFocus(step: number): void {
  const rows = [...document.querySelectorAll<HTMLElement>('main .table .open')];
  const at = rows.indexOf(document.activeElement as HTMLElement);
  rows[Math.min(Math.max(at + step, 0), rows.length - 1)]?.focus();
}

/** Single letters as shortcuts, for those who switched them on (WCAG 2.1.4). */
export function useShortcuts(): void {
  useEffect(() => {
    const press = (e: KeyboardEvent) => {
      if (
        !session.me()?.preferences?.shortcuts ||
        e.ctrlKey ||
        e.metaKey ||
        e.altKey ||
        isTextField(e.target) ||
        [...document.querySelectorAll('[role=dialog]')].some((dialog) => dialog.checkVisibility())
      )
        return;
      const search = document.querySelector<HTMLElement>('main [role=search] input');
      if (e.key === '/' && search) search.focus();
      else if (e.key === 'j') moveFocus(1);
      else if (e.key === 'k') moveFocus(-1);
      else return;
      e.preventDefault();
    };
    window.addEventListener('keydown', press);
    return () => window.removeEventListener('keydown', press);
  }, []);
}
