import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';

import { connect, everyWay, expect, firstCheckDone, newClinic, open, play, test } from './world';

// A system that learns of changes: from "Conectar um sistema" to a green test in at most six actions.

interface Arrived {
  head: IncomingMessage['headers'];
  body: string;
}

/** A receiver on this machine, as a developer's; `status` is what it answers next. */
async function receiver() {
  const arrived: Arrived[] = [];
  const state = { status: 204 };
  const server = createServer((request, answer) => {
    let body = '';
    request.on('data', (part) => (body += part));
    request.on('end', () => {
      arrived.push({ head: request.headers, body });
      answer.writeHead(state.status).end(state.status === 204 ? undefined : 'nao agora');
    });
  });
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/patapay`;
  return { url, arrived, state, close: () => server.close() };
}

test('a system is connected and its test is green in six actions, and what fails is told', async ({ page }) => {
  const clinic = await newClinic();
  await connect(clinic);
  await firstCheckDone(clinic);
  const system = await receiver();
  await open(page, '/app/configuracoes/sistemas', clinic);
  await expect(page.getByText('Nenhum sistema ainda.')).toBeVisible();

  let actions = 0;
  const act = async (what: Promise<void>) => {
    actions++;
    await what;
  };
  await act(page.getByTestId('endpoint-add').click());
  await act(page.getByTestId('endpoint-url').fill(system.url));
  await act(page.getByTestId('endpoint-save').click());
  await expect(page.getByTestId('endpoint-secret')).toContainText('aparece uma única vez');
  const secret = (await page.getByTestId('value-endpoint-secret').textContent())!;
  expect(secret).toMatch(/^whsec_[A-Za-z0-9+/]{43}=$/);
  await act(page.getByRole('button', { name: 'Já guardei' }).click());
  await act(page.getByTestId('endpoint-test').click());
  await expect(page.getByTestId('endpoint-delivery').first()).toContainText('Entregue (204)');
  await expect(page.getByTestId('endpoint-delivery').first()).toContainText('Teste');
  expect(actions).toBeLessThanOrEqual(6);
  expect(system.arrived[0]!.head['webhook-signature']).toMatch(/^v1,/);

  await play(clinic, 'pix', { reference: 'orc-envio' });
  await expect.poll(() => system.arrived.filter((a) => a.body.includes('orc-envio')).length).toBeGreaterThan(0);
  await expect(page.getByTestId('endpoint-state')).toHaveText('Recebendo');
  await everyWay(page, 'endpoint');

  system.state.status = 500;
  await page.getByTestId('endpoint-test').click();
  const refused = page.getByTestId('endpoint-delivery').filter({ hasText: 'respondeu com erro (500)' });
  await expect(refused.first()).toBeVisible();
  await refused.first().getByText('Resposta').click();
  await expect(refused.first()).toContainText('nao agora');
  system.state.status = 204;

  await page.reload();
  await expect(page.getByTestId('endpoint-health')).toBeVisible();
  await expect(page.getByTestId('endpoint-secret')).toHaveCount(0);
  await expect(page.locator('main')).not.toContainText(secret);
  await page.getByRole('button', { name: 'Parar envio' }).click();
  await expect(page.getByText('O envio está parado')).toBeVisible();
  await page.getByRole('button', { name: 'Retomar envio' }).click();
  await expect(page.getByText('O envio está parado')).toHaveCount(0);
  await page.getByRole('button', { name: 'Remover' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Remover' }).click();
  await expect(page.getByText('Nenhum sistema ainda.')).toBeVisible();
  system.close();
});

test('an address that is no system is refused in words beside its field', async ({ page }) => {
  const clinic = await newClinic();
  await open(page, '/app/configuracoes/sistemas', clinic);
  await page.getByTestId('endpoint-add').click();
  await page.getByTestId('endpoint-save').click();
  await expect(page.getByText('Informe o endereço do sistema.')).toBeVisible();
  for (const [address, says] of [
    ['https://169.254.169.254/latest', /internet/],
    ['ftp://sistema.example.com/', /https/],
    ['https://u:p@sistema.example.com/', /./],
  ] as const) {
    await page.getByTestId('endpoint-url').fill(address);
    await page.getByTestId('endpoint-save').click();
    const field = page.getByTestId('endpoint-url');
    await expect(field).toHaveAttribute('aria-invalid', 'true');
    await expect(page.getByRole('dialog')).toContainText(says);
  }
});
