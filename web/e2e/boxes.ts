import { readFileSync, writeFileSync } from 'node:fs';

import type { Page } from '@playwright/test';

import { calm, expect, fits, stoodStill } from './world';

// Where the landmarks, the first row and the rows of each page stand, in whole pixels, against files of numbers: a page
// that moved is seen without a picture. `LAYOUT=update npx playwright test layout many` writes the files anew.

const tolerance = 3; // px
const line = 24; // px: an id is random, and breaks where it breaks

/** The pages of a clinic, by name, and what a row of theirs is called. */
export const pages: Record<string, { path: string; row?: string }> = {
  inicio: { path: '' },
  faturas: { path: '/faturas', row: 'invoice-row' },
  checkouts: { path: '/checkouts', row: 'checkout-row' },
  antecipacoes: { path: '/antecipacoes', row: 'antic-row' },
  extrato: { path: '/extrato', row: 'ledger-row' },
  agenda: { path: '/agenda', row: 'deadline-row' },
  pendencias: { path: '/pendencias', row: 'work-item-row' },
  disputas: { path: '/disputas', row: 'dispute-row' },
  eventos: { path: '/eventos', row: 'event-row' },
  configuracoes: { path: '/configuracoes' },
  usuarios: { path: '/configuracoes/usuarios' },
  tokens: { path: '/configuracoes/tokens' },
  auditoria: { path: '/configuracoes/auditoria' },
  saude: { path: '/configuracoes/webhooks/asaas/saude' },
  ajuda: { path: '/ajuda' },
};

/** Of each landmark x, y and width; of the rows the first one's y, the median height and the greatest. */
export type Boxes = Record<string, number[]>;

const measured = (page: Page, row: string | undefined): Promise<Boxes> =>
  page.evaluate((row) => {
    const boxes: Record<string, number[]> = {};
    const landmarks = { top: 'header.top', side: 'nav.side', main: 'main', bottom: 'nav.bottom', title: 'main h1' };
    for (const [name, selector] of Object.entries(landmarks)) {
      const box = document.querySelector(selector)?.getBoundingClientRect();
      if (!box || box.width === 0) continue;
      const fixed = name === 'bottom'; // it stands at the window's end, not at one of the page
      boxes[name] = [box.x, fixed ? box.y : box.y + scrollY, box.width].map(Math.round);
    }
    const rows = row
      ? [...document.querySelectorAll(`[data-testid="${row}"]`)].map((r) => r.getBoundingClientRect())
      : [];
    if (rows[0]) {
      const heights = rows.map((r) => r.height).sort((a, b) => a - b);
      boxes.row = [rows[0].y + scrollY, heights[heights.length >> 1]!, heights.at(-1)!].map(Math.round);
    }
    return boxes;
  }, row);

/** The file: a line for each place, so that a change shows what moved. */
const written = (all: Record<string, Boxes>) =>
  `{\n${Object.entries(all)
    .map(([place, boxes]) => `  ${JSON.stringify(place)}: ${JSON.stringify(boxes)}`)
    .join(',\n')}\n}\n`;

/** The tables of the page that one must scroll sideways to see the end of; on a tablet, of the lists that people live in. */
const scrolled = (page: Page, width: number) =>
  page.evaluate(
    (which) =>
      [...document.querySelectorAll(which)]
        .filter((e) => e.scrollWidth > e.clientWidth + 1)
        .map((e) => `${e.getAttribute('aria-label')}: ${e.scrollWidth} px in ${e.clientWidth}`),
    width < 1280 ? '.table-wrap:has(.lines)' : '.table-wrap',
  );

/** The buttons whose words are on two lines; on a phone they may be. */
const broken = (page: Page) =>
  page.evaluate(() =>
    [...document.querySelectorAll('main .mantine-Button-label')]
      .filter((label) => {
        const range = document.createRange();
        return [...label.childNodes]
          .filter((node) => node.nodeType === Node.TEXT_NODE)
          .some((node) => (range.selectNodeContents(node), range.getClientRects().length > 1));
      })
      .map((label) => label.textContent),
  );

/**
 * What a page that was just opened comes to at some widths; it stood still while it came, and moves nothing between the
 * themes at those `inDark`. Nothing is too wide.
 */
export async function boxesAt(
  page: Page,
  state: string, // of the clinic, for the names of pictures
  name: string,
  widths: number[],
  inDark: number[] = [],
): Promise<Record<string, Boxes>> {
  const row = pages[name]!.row;
  await expect(page.getByRole('heading', { level: 1 })).toBeVisible();
  await calm(page);
  await stoodStill(page, name);
  const light: Record<number, Boxes> = {};
  for (const [colorScheme, at] of [
    ['light', widths],
    ['dark', inDark],
  ] as const) {
    await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
    for (const width of at) {
      await page.setViewportSize({ width, height: 900 });
      await fits(page);
      if (width >= 768)
        await expect.poll(() => scrolled(page, width), `${name} at ${width} px: cut tables`).toEqual([]);
      if (width >= 768) expect(await broken(page), `${name} at ${width} px: buttons on two lines`).toEqual([]);
      if (process.env.SHOTS)
        await page.screenshot({
          path: `${process.env.SHOTS}/${state}-${name}-${width}-${colorScheme}.png`,
          fullPage: true,
        });
      const boxes = await measured(page, row);
      if (colorScheme === 'light') light[width] = boxes;
      else expect(boxes, `${name} at ${width} px: the dark theme moves nothing`).toEqual(light[width]);
    }
  }
  await page.emulateMedia({ colorScheme: 'light', reducedMotion: 'reduce' });
  await page.setViewportSize({ width: 1280, height: 900 });
  return Object.fromEntries(Object.entries(light).map(([width, boxes]) => [`${name} ${width}`, boxes]));
}

/** The first row of a list at 1280 × 900 stands no lower, also when a file is written anew. */
export function aboveTheFold(now: Record<string, Boxes>): void {
  const low = Object.entries(now).filter(([place, b]) => place.endsWith(' 1280') && b.row && b.row[0]! > 300);
  expect(low, 'first rows below 300 px at 1280 × 900').toEqual([]);
}

/** Compares what was measured with a file of this folder, or writes it. */
export function asBefore(name: string, now: Record<string, Boxes>): void {
  const file = new URL(name, import.meta.url);
  if (process.env.LAYOUT === 'update') return writeFileSync(file, written(now));
  const before: Record<string, Boxes> = JSON.parse(readFileSync(file, 'utf8'));
  const same = (row: boolean, was: number[] = [], is: number[] = []) =>
    was.length === is.length && was.every((n, i) => Math.abs(n - is[i]!) <= (row && i > 0 ? line : tolerance));
  const moved = Object.keys({ ...before, ...now }).flatMap((place) =>
    Object.keys({ ...before[place], ...now[place] })
      .filter((what) => !same(what === 'row', before[place]?.[what], now[place]?.[what]))
      .map((what) => `${place} px, ${what}: was ${before[place]?.[what]}, is ${now[place]?.[what]}`),
  );
  expect(moved, 'what moved; LAYOUT=update accepts it').toEqual([]);
}
