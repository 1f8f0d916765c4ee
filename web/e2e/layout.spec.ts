import { readFileSync, writeFileSync } from 'node:fs';

import type { Page } from '@playwright/test';

import {
  accessible,
  api,
  calm,
  connect,
  expect,
  firstCheckDone,
  fits,
  newClinic,
  open,
  play,
  ready,
  test,
} from './world';

// Where the landmarks, the first row and the rows of each page stand, in whole pixels, against a file of numbers: a page
// that moved is seen without a picture. `LAYOUT=update npx playwright test layout` writes the file anew.

const file = new URL('./layout.json', import.meta.url);
const widths = [320, 375, 768, 1280, 1920];
const tolerance = 3; // px
const line = 24; // px: an id is random, and breaks where it breaks

/** The first row of a list at 1280 × 900 stands no lower, also when the file is written anew; a page may say why it does. */
const foldAt = 300;

const pages: Record<string, { path: string; row?: string; fold?: number }> = {
  inicio: { path: '' },
  faturas: { path: '/faturas', row: 'invoice-row' },
  checkouts: { path: '/checkouts', row: 'checkout-row' },
  antecipacoes: { path: '/antecipacoes', row: 'antic-row' },
  // The balance before and after, the sums and whether they are Asaas's stand above the lines that they are of.
  extrato: { path: '/extrato', row: 'ledger-row', fold: 400 },
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
type Boxes = Record<string, number[]>;

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

test('every page stands where it stood, at five widths and in two themes, and axe finds nothing', async ({ page }) => {
  const clinic = await newClinic('Clínica do Layout');
  await connect(clinic);
  await firstCheckDone(clinic);
  for (const [flow, reference] of [
    ['pix', 'orc-1'],
    ['boleto_overdue', 'orc-2'],
    ['checkout_paid', 'orc-3'],
    ['anticipation_credited', 'orc-4'],
    ['chargeback_open', 'orc-5'],
  ] as const)
    await play(clinic, flow, { amountCents: 123456, reference });
  // Rows change while Asaas is asked: they are measured when nothing is open about them but the dispute.
  const asked = async () => [
    ...(await api(clinic, 'GET', '/glance')).conditions.filter((c: any) => c.kind === 'unconfirmed'),
    ...(await api(clinic, 'GET', '/invoices')).data.filter((v: any) => v.customer && !v.customerName),
  ];
  await expect.poll(asked, 'payments confirmed, and payers known by name').toEqual([]);
  await page.emulateMedia({ reducedMotion: 'reduce' });
  await open(page, '/app', clinic);
  const now: Record<string, Boxes> = {};
  for (const [name, { path, row, fold = foldAt }] of Object.entries(pages))
    await test.step(name, async () => {
      await page.setViewportSize({ width: 1280, height: 900 });
      await page.goto(ready().url + '/app' + path);
      await expect(page.getByRole('heading', { level: 1 })).toBeVisible();
      await calm(page);
      const light: Record<number, Boxes> = {};
      for (const colorScheme of ['light', 'dark'] as const) {
        await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
        for (const width of colorScheme === 'light' ? widths : [1280, 320]) {
          await page.setViewportSize({ width, height: 900 });
          await fits(page);
          const boxes = await measured(page, row);
          if (colorScheme === 'light') now[`${name} ${width}`] = light[width] = boxes;
          else expect(boxes, `${name} at ${width} px: the dark theme moves nothing`).toEqual(light[width]);
        }
        await page.setViewportSize({ width: 1280, height: 900 });
        await accessible(page, colorScheme === 'dark' ? ['color-contrast'] : undefined);
      }
      await page.emulateMedia({ colorScheme: 'light', reducedMotion: 'reduce' });
      const y = light[1280]!.row?.[0];
      if (y !== undefined) expect(y, `the first row of ${name} at 1280 × 900`).toBeLessThanOrEqual(fold);
    });
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
});
