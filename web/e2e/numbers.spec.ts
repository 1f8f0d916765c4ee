import { clock, door, eventsProcessed } from './door';
import { connect, everyWay, expect, firstCheckDone, newClinic, open, play, ready, test } from './world';

test('the first page, the invoices and the anticipations tell the same numbers', async ({ page }) => {
  const clinic = await newClinic();
  await connect(clinic);
  await firstCheckDone(clinic); // what the ledger opens with is read by then, so money that comes now is counted once
  await play(clinic, 'pix', { amountCents: 123456, reference: 'orc-pix' });
  await play(clinic, 'card', { amountCents: 20000, reference: 'orc-cartao' });
  await play(clinic, 'boleto_open', { amountCents: 5000, reference: 'orc-aberto' });
  await play(clinic, 'boleto_overdue', { amountCents: 7000, reference: 'orc-vencido' });
  await play(clinic, 'anticipation_credited', { amountCents: 31000 });
  await open(page, '/app', clinic);
  const text = async (id: string) => {
    const at = page.getByTestId('kpi-' + id);
    await expect(at).toHaveText(/^R\$/);
    return at.textContent();
  };
  await expect(page.getByTestId('todo-overdue')).toHaveText('1 fatura vencida: cobrar');
  const first = { overdue: await text('overdue') };
  expect(first.overdue).toMatch(/70,00/);
  const available = await text('available');
  await expect(page.getByTestId('receipt').first()).toContainText(/R\$\s200,00|R\$\s1\.234,56|R\$\s310,00/);
  await page.getByTestId('todo-overdue').click();
  await expect(page.getByRole('button', { name: 'Tirar filtro: Situação: Vencida' })).toBeVisible();
  await expect(page.getByTestId('invoice-row')).toHaveCount(1);
  expect({ overdue: await text('overdue') }).toEqual(first);

  await expect(page.getByTestId('share-overdue')).toHaveText(/Vencida R\$\s70,00 \(1\)/);
  await page.getByTestId('share-pending').click();
  await expect(page).toHaveURL(/status=pending/);
  await expect(page.getByTestId('invoice-row')).toContainText('orc-aberto');
  await page.goto(`${ready().url}/app/extrato`);
  await expect(page.getByTestId('balance')).toHaveText(available!);
  await expect(page.getByTestId('chart-vencidas')).toContainText(/R\$\s70,00 vencidos em 1 fatura\./);
  await everyWay(page, 'ledger-pictures');
});

test('the published anticipation costs 1,83% and 5,17% a month', async ({ page }) => {
  const clinic = await newClinic();
  const post = await door(clinic);
  const day = clock().slice(0, 10);
  const advance = {
    object: 'anticipation',
    id: '29ad50e9-64ee-427e-a00c-a3999510ca0a',
    installment: null,
    payment: 'pay_4310966350068380',
    anticipationDate: day,
    dueDate: day,
    requestDate: day,
    fee: 5.64,
    anticipationDays: 11,
    netValue: 302.37,
    totalValue: 310,
    value: 308.01,
    denialObservation: null,
  };
  await post({ event: 'RECEIVABLE_ANTICIPATION_CREDITED', anticipation: { ...advance, status: 'CREDITED' } });
  await post({
    event: 'RECEIVABLE_ANTICIPATION_DENIED',
    anticipation: {
      ...advance,
      id: '29ad50e9-64ee-427e-a00c-a3999510ca0b',
      status: 'DENIED',
      denialObservation: 'Documentação insuficiente',
    },
  });
  await eventsProcessed(clinic, 2);
  await open(page, '/app/antecipacoes', clinic);
  await expect(page.getByTestId('antic-cost')).toHaveText(['—', '1,83% no período · 5,17% a.m.']); // denied: no cost
  await expect(page.getByText('1,83% no período · 5,17% a.m.')).toHaveCount(2); // the row, and the month's sum
  await expect(page.getByTestId('kpi-cost')).toHaveText(/^R\$\s5,64$/);
  await expect(page.getByTestId('kpi-credited')).toHaveText(/^R\$\s302,37$/);
  await expect(page.getByTestId('antic-row').filter({ hasText: 'Negada' })).toContainText('Documentação insuficiente');
  await expect(page.getByTestId('antic-denied')).toContainText('Nada foi cobrado.');
});

test('a checkout counts down, then waits for Asaas, and is over only by its event', async ({ page }) => {
  const clinic = await newClinic();
  const post = await door(clinic);
  const checkout = {
    id: '2bd251f0-09b2-44ff-8a0c-a5cb29e5bbda',
    link: null,
    status: 'ACTIVE',
    minutesToExpire: 10,
    externalReference: 'orc-chk',
    billingTypes: ['PIX'],
    chargeTypes: ['DETACHED'],
    callback: null,
    items: [{ name: 'Vacina', description: 'V10', quantity: 2, value: 50 }],
    subscription: null,
    installment: null,
    split: null,
    customer: null,
    customerData: null,
  };
  await post({ event: 'CHECKOUT_CREATED', checkout });
  await eventsProcessed(clinic, 1);
  await page.clock.install({ time: new Date(clock().replace(' ', 'T') + '-03:00') });
  await open(page, '/app/checkouts', clinic);
  const left = /Ativo · vence em (\d\d):(\d\d)/; // ten minutes, and by how much other tests moved the server's clock
  await expect(page.getByTestId('checkout-state')).toHaveText(left);
  const [, minutes, seconds] = left.exec((await page.getByTestId('checkout-state').textContent())!)!;
  await page.clock.fastForward(1_000 * (60 * Number(minutes) + Number(seconds) + 1));
  await expect(page.getByTestId('checkout-state')).toHaveText('Prazo encerrado, aguardando o Asaas');
  await post({ event: 'CHECKOUT_EXPIRED', checkout: { ...checkout, status: 'EXPIRED' } });
  await expect(async () => {
    await page.clock.fastForward(5_000);
    await expect(page.getByTestId('checkout-state')).toHaveText('Vencido', { timeout: 500 });
  }).toPass();
  await expect(page.getByTestId('chart-funil')).toContainText(/De 1 criado \(R\$\s100,00\), 0 pagos/);
});
