import { aboveTheFold, asBefore, boxesAt, pages, type Boxes } from './boxes';
import {
  accessible,
  calm,
  connect,
  expect,
  feedStandsStill,
  firstCheckDone,
  hundredThousand,
  newClinic,
  open,
  openFilters,
  ready,
  test,
  watchShifts,
} from './world';

test('of 100,000 invoices a list, a filter in an order and a search ask three times at most', async ({ page }) => {
  const clinic = await newClinic('Clínica Enorme');
  await connect(clinic);
  await firstCheckDone(clinic);
  hundredThousand(clinic);
  await page.emulateMedia({ reducedMotion: 'reduce' });
  await watchShifts(page);
  await feedStandsStill(page); // a change of the clinic's would have the list asked for once more
  await open(page, '/app', clinic);
  await calm(page);
  let asked: string[] = [];
  page.on('request', (r) => /\/v1\//.test(r.url()) && asked.push(r.url()));
  const rows = page.getByTestId('invoice-row');
  const note = page.getByTestId('filtered-sum');
  /** What the page asks for until it shows what an action leads to. */
  const asks = async (what: string, act: () => Promise<unknown>, shown: () => Promise<void>) => {
    asked = [];
    await act();
    await shown();
    await calm(page);
    expect(asked.length, `${what}: ${asked.join('\n')}`).toBeLessThanOrEqual(3);
    expect(asked.length, what).toBeGreaterThan(0);
  };
  await asks(
    'the list',
    () => page.getByRole('navigation', { name: 'Principal' }).locator('a[href="/app/faturas"]').click(),
    async () => {
      await expect(rows).toHaveCount(50);
      await expect(note).toHaveText('10.000 ou mais faturas');
    },
  );
  await openFilters(page);
  await asks(
    'a filter',
    () => page.getByLabel('Situação', { exact: true }).selectOption('overdue'),
    () => expect(rows.first()).toContainText(/Vencida/),
  );
  await page.keyboard.press('Escape');
  await asks(
    'a filter in an order',
    () => page.getByRole('button', { name: 'Valor' }).click(),
    () => expect(rows.first()).toContainText(/R\$\s1\.009,98/),
  );
  await page.getByRole('button', { name: /^Limpar filtros/ }).click();
  await calm(page);
  await asks(
    'a search',
    async () => {
      await page.getByLabel('Buscar').fill('orc-muitas777');
      await page.getByLabel('Buscar').press('Enter');
    },
    () => expect(note).toHaveText(/^1 fatura · R\$\s17,77 · líquido R\$\s16,77$/),
  );
  const now: Record<string, Boxes> = {};
  for (const name of ['inicio', 'faturas', 'extrato', 'eventos'])
    await test.step(name, async () => {
      await page.goto(ready().url + '/app' + pages[name]!.path);
      Object.assign(now, await boxesAt(page, 'enorme', name, [320, 768, 1280], [1280]));
      await accessible(page);
    });
  aboveTheFold(now);
  asBefore('layout-enorme.json', now);
});
