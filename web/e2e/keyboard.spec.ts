import { api, calm, connect, expect, newClinic, open, play, ready, test } from './world';
import type { Page } from '@playwright/test';

// Everything by keyboard, in a visible order, the focus seen and never
// hidden (WCAG 2.1.1, 2.4.7, 2.4.11).

/** Marks what a person may operate, and returns how many those are. */
const mark = (page: Page) =>
  page.evaluate(() => {
    const all = [
      ...document.querySelectorAll<HTMLElement>('a[href], button, input, select, textarea, summary, [tabindex="0"]'),
    ];
    const shown = all.filter(
      (e) =>
        e.checkVisibility({ visibilityProperty: true }) &&
        !e.matches(':disabled, [tabindex="-1"], input[type=hidden], .skip') &&
        !(e instanceof HTMLInputElement && e.type === 'radio'),
    );
    shown.forEach((e, i) => (e.dataset.stop = String(i)));
    return shown.length;
  });

/** Says what has the focus: its mark, and what is wrong with how it is seen. */
const focused = (page: Page) =>
  page.evaluate(async () => {
    // A strip scrolls to what has the focus with the next frame, which a busy machine is late with.
    await new Promise((drawn) => requestAnimationFrame(() => requestAnimationFrame(drawn)));
    const e = document.activeElement as HTMLElement;
    const box = e.getBoundingClientRect();
    const style = getComputedStyle(e);
    const seen = box.width > 0 && box.top < innerHeight && box.bottom > 0;
    const over =
      seen &&
      document.elementFromPoint(
        Math.min(box.left + box.width / 2, innerWidth - 1),
        Math.min(Math.max(box.top + Math.min(box.height, 20) / 2, 0), innerHeight - 1),
      );
    const hidden =
      seen &&
      over &&
      !e.contains(over) &&
      !over.contains(e) &&
      !over.closest('label') &&
      getComputedStyle(over).position !== 'static';
    const outlined = style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) >= 2;
    const wrong = [
      !seen && 'outside of the window',
      hidden && 'under something else',
      !outlined && 'without an outline',
    ].filter(Boolean);
    return {
      stop: e.dataset.stop,
      body: e === document.body,
      wrong: wrong.length ? `${e.outerHTML.slice(0, 120)}: ${wrong.join(', ')}` : '',
    };
  });

/** Walks the page by Tab alone. */
async function walk(page: Page): Promise<void> {
  await calm(page); // what arrives while the focus walks would move what has it
  const stops = await mark(page);
  const reached = new Set<string>();
  const wrong = new Set<string>();
  for (let pressed = 0; reached.size < stops && pressed < stops + 30; pressed++) {
    await page.keyboard.press('Tab');
    const now = await focused(page);
    if (now.stop !== undefined) {
      reached.add(now.stop);
      if (now.wrong) wrong.add(now.wrong);
    }
  }
  const missed = await page.evaluate(
    (reached) =>
      [...document.querySelectorAll<HTMLElement>('[data-stop]')]
        .filter((e) => !reached.includes(e.dataset.stop!))
        .map((e) => e.outerHTML.slice(0, 120)),
    [...reached],
  );
  expect(missed, 'not reached by Tab').toEqual([]);
  expect([...wrong], 'focus that cannot be seen').toEqual([]);
}

test('Tab reaches everything on every page, and where it is can be seen', async ({ page }) => {
  const clinic = await newClinic();
  await connect(clinic);
  const { payments } = await play(clinic, 'pix');
  await open(page, '/app', clinic);
  await page.emulateMedia({ reducedMotion: 'reduce' });
  for (const [link, heading] of [
    ['Início', 'Início'],
    ['Faturas', 'Faturas'],
    ['Checkouts', 'Checkouts'],
    ['Antecipações', 'Antecipações'],
    ['Extrato', 'Extrato'],
    ['Eventos', 'Eventos'],
  ] as const) {
    await page.getByRole('navigation').getByRole('link', { name: link, exact: true }).first().click();
    await expect(page.getByRole('heading', { level: 1 })).toContainText(heading);
    await walk(page);
  }
  expect(payments).toHaveLength(1);
});

test('on a narrow screen the bar at the bottom hides no focus', async ({ page }) => {
  const clinic = await newClinic();
  await connect(clinic);
  for (let n = 0; n < 3; n++) await play(clinic, 'pix');
  await page.setViewportSize({ width: 320, height: 640 });
  await page.emulateMedia({ reducedMotion: 'reduce' });
  await open(page, '/app/faturas', clinic);
  await expect(page.getByTestId('invoice-row')).toHaveCount(3);
  await walk(page);
});

/** Presses Tab until what has the focus is called so. */
async function tabTo(page: Page, name: RegExp): Promise<void> {
  const called = () =>
    page.evaluate(() => {
      const e = document.activeElement as HTMLInputElement;
      const label = e.labels?.[0]?.textContent ?? '';
      return (e.getAttribute('aria-label') ?? (label || e.textContent) ?? '').trim();
    });
  const passed: string[] = [];
  for (let pressed = 0; pressed < 60; pressed++) {
    await page.keyboard.press('Tab');
    passed.push(await called());
    if (name.test(passed.at(-1)!)) return;
  }
  throw new Error(`Tab never came to ${name}; it came to ${passed.join(' | ')}`);
}

test('from the login to a solved pendência with no mouse at all', async ({ page }) => {
  const clinic = await newClinic();
  await connect(clinic);
  await play(clinic, 'pix');
  const items = async () => ((await api(clinic, 'GET', '/work-items')).data ?? []).length;
  await expect.poll(items, 'money that nobody explained').toBe(1);
  await page.goto(ready().url + '/app');
  await page.getByLabel('E-mail').waitFor();
  await page.getByLabel('E-mail').focus();
  await page.keyboard.type(clinic.login);
  await tabTo(page, /^Senha/);
  await page.keyboard.type(clinic.password);
  await page.keyboard.press('Enter');
  await expect(page.getByTestId('condition-work_item')).toBeVisible();
  await calm(page);
  await tabTo(page, /^Decidir/);
  await page.keyboard.press('Enter');
  await expect(page.getByTestId('work-item-row')).toHaveCount(1);
  await calm(page);
  await tabTo(page, /^Dinheiro sem cobrança conhecida/);
  await page.keyboard.press('Enter');
  await expect(page.getByTestId('work-resolve')).toBeVisible();
  await calm(page);
  const first = page.getByRole('radio').first();
  await tabTo(page, new RegExp('^' + (await first.evaluate((e: HTMLInputElement) => e.labels![0]!.textContent))));
  await page.keyboard.press('Space');
  await expect(page.getByRole('radio', { checked: true })).toHaveCount(1);
  await expect(page.getByTestId('work-preview')).toBeVisible();
  await tabTo(page, /^Explicação/);
  await page.keyboard.type('Consulta paga no balcão.');
  await tabTo(page, /^Resolver pendência/);
  await page.keyboard.press('Enter');
  await expect(page.getByTestId('undo-bar')).toBeVisible();
  await expect.poll(items, 'the decision stands after its ten seconds').toBe(0);
});
