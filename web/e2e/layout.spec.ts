import { aboveTheFold, asBefore, boxesAt, pages, type Boxes } from './boxes';
import {
  accessible,
  api,
  connect,
  expect,
  firstCheckDone,
  newClinic,
  open,
  play,
  ready,
  sql,
  test,
  watchShifts,
  type Clinic,
} from './world';

// Where every page stands (./boxes) of a clinic with one of everything, of one without anything, of one whose queue is
// paused and of one that is not connected; many.spec.ts has the one with 100,000 invoices.

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
  await watchShifts(page);
  await open(page, '/app', clinic);
  const now: Record<string, Boxes> = {};
  for (const [name, { path }] of Object.entries(pages))
    await test.step(name, async () => {
      await page.goto(ready().url + '/app' + path);
      Object.assign(now, await boxesAt(page, 'cheia', name, [320, 375, 768, 1280, 1920], [1280, 320]));
      await accessible(page);
      await page.emulateMedia({ colorScheme: 'dark', reducedMotion: 'reduce' });
      await accessible(page, ['color-contrast']);
      await page.emulateMedia({ colorScheme: 'light', reducedMotion: 'reduce' });
    });
  aboveTheFold(now);
  asBefore('layout.json', now);
});

/** The pages that look otherwise when there is nothing to show, or something is wrong; the rest is the first test's. */
const dependent = 'inicio faturas checkouts antecipacoes extrato agenda pendencias disputas eventos saude'.split(' ');

/** Clinics whose pages are mostly something else than rows. */
const states: Record<string, () => Promise<Clinic>> = {
  vazia: async () => {
    const clinic = await newClinic('Clínica Vazia');
    await connect(clinic);
    await firstCheckDone(clinic);
    return clinic;
  },
  pausada: async () => {
    const clinic = await newClinic('Clínica Pausada');
    await connect(clinic);
    await firstCheckDone(clinic);
    await play(clinic, 'pix', { amountCents: 123456, reference: 'orc-1' });
    const unconfirmed = async () => (await api(clinic, 'GET', '/glance')).conditions;
    await expect.poll(unconfirmed, 'the payment is confirmed').toEqual([]);
    sql(clinic, `UPDATE connections SET state = 'paused', loss_at = now() + interval '14 days' WHERE clinic_id = :c`);
    await expect
      .poll(async () => (await api(clinic, 'GET', '/deadlines')).data.length, 'its agenda')
      .toBeGreaterThan(0);
    return clinic;
  },
  desconectada: () => newClinic('Clínica Desconectada'),
};

for (const [state, clinicOf] of Object.entries(states))
  test(`every page of a clinic that is ${state} stands where it stood @alone`, async ({ page }) => {
    const clinic = await clinicOf();
    await page.emulateMedia({ reducedMotion: 'reduce' });
    await watchShifts(page);
    await open(page, '/app', clinic);
    const now: Record<string, Boxes> = {};
    for (const name of dependent)
      await test.step(name, async () => {
        await page.setViewportSize({ width: 375, height: 900 }); // where most of what moves, moves
        await page.goto(ready().url + '/app' + pages[name]!.path);
        Object.assign(now, await boxesAt(page, state, name, [320, 768, 1280], [1280]));
        if (['inicio', 'faturas', 'saude'].includes(name)) await accessible(page);
      });
    aboveTheFold(now);
    asBefore(`layout-${state}.json`, now);
  });
