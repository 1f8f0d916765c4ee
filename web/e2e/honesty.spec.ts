import { api, calm, connect, expect, firstCheckDone, newClinic, open, play, ready, sql, test } from './world';

// Each condition of the glance is planted where it is kept, and four pages are read: none of them may comfort.
// The kinds come from the contract: one without a plant fails.

/** SQL that makes a condition true of the clinic `c`, and what takes it back; `pay` is its one invoice. */
const plants: Record<string, { sql: string; back: string; words: RegExp; invoice?: true }> = {
  clinic: {
    sql: `UPDATE clinics SET state = 'suspended' WHERE clinic_id = :c`,
    back: `UPDATE clinics SET state = 'active' WHERE clinic_id = :c`,
    words: /Clínica suspensa/,
  },
  connection: {
    sql: `UPDATE connections SET state = 'paused', loss_at = now() + interval '14 days' WHERE clinic_id = :c`,
    back: `UPDATE connections SET state = 'active', loss_at = NULL WHERE clinic_id = :c`,
    words: /Fila pausada no Asaas.*até \d\d\/\d\d\/\d{4}/s,
  },
  check: {
    sql: `UPDATE connection_checks SET checks = jsonb_set(checks, '{0,status}', '"failed"') WHERE clinic_id = :c`,
    back: `UPDATE connection_checks SET checks = jsonb_set(checks, '{0,status}', '"ok"') WHERE clinic_id = :c`,
    words: /Verificação da conexão: Chave aceita/,
  },
  unchecked: {
    sql: `UPDATE connection_checks SET checked_at = checked_at - interval '1 day' WHERE clinic_id = :c`,
    back: `UPDATE connection_checks SET checked_at = checked_at + interval '1 day' WHERE clinic_id = :c`,
    words: /Conexão não verificada há pouco/,
  },
  alarm: {
    sql: `INSERT INTO alarms (clinic_id, kind, opened_at, last_at, next_action) VALUES (:c, 'event_variant', now(), now(), '')`,
    back: `DELETE FROM alarms WHERE clinic_id = :c`,
    words: /O mesmo aviso chegou com dois conteúdos/,
  },
  ledger_unopened: {
    sql: `UPDATE clinic_heads SET ledger_from = '' WHERE clinic_id = :c`,
    back: `UPDATE clinic_heads SET ledger_from = '2026-01-01' WHERE clinic_id = :c`,
    words: /O extrato ainda não foi aberto/,
  },
  balance_difference: {
    sql: `UPDATE statement_checks SET balance = balance + 4321 WHERE clinic_id = :c`,
    back: `UPDATE statement_checks SET balance = balance - 4321 WHERE clinic_id = :c`,
    words: /não confere com o Asaas.*R\$\s43,21/s,
  },
  not_compared: {
    sql: `UPDATE statement_checks SET checked_at = checked_at - interval '37 hours' WHERE clinic_id = :c`,
    back: `UPDATE statement_checks SET checked_at = checked_at + interval '37 hours' WHERE clinic_id = :c`,
    words: /Saldo não conferido há mais de 36 horas/,
  },
  unexplained: {
    sql: `UPDATE certificates SET unexplained = 2, read = read + 2 WHERE clinic_id = :c`,
    back: `UPDATE certificates SET unexplained = 0, read = read - 2 WHERE clinic_id = :c`,
    words: /2 diferenças sem explicação/,
  },
  work_item: {
    sql: `INSERT INTO work_items (clinic_id, id, kind, subject, amount, payment, detail, opened_at, updated_at) VALUES (:c, gen_random_uuid(), 'unexpected_money', 'pay_x', 5555, '', '', now(), now())`,
    back: `DELETE FROM work_items WHERE clinic_id = :c`,
    words: /Dinheiro sem cobrança conhecida.*R\$\s55,55/s,
  },
  flag: {
    // As the program writes it: the index of what is in doubt reads the text.
    sql: `UPDATE invoices SET state = replace(state::text, '{"ID"', '{"Flags":["contradiction"],"ID"')::json WHERE clinic_id = :c`,
    back: `UPDATE invoices SET state = replace(state::text, '"Flags":["contradiction"],', '')::json WHERE clinic_id = :c`,
    words: /1 objeto em dúvida: o Asaas desmentiu um aviso/,
    invoice: true,
  },
  unconfirmed: {
    sql: `UPDATE invoices SET confirmed_by = 'webhook', state = (state::jsonb || '{"ConfirmedBy":"webhook"}')::json WHERE clinic_id = :c`,
    back: `UPDATE invoices SET confirmed_by = 'api', state = (state::jsonb || '{"ConfirmedBy":"api"}')::json WHERE clinic_id = :c`,
    words: /1 pagamento ainda não conferido no Asaas.*R\$\s123,45/s,
    invoice: true,
  },
  not_at_asaas: {
    sql: `UPDATE invoices SET status = 'not_at_asaas', state = (state::jsonb || '{"Status":"not_at_asaas"}')::json WHERE clinic_id = :c`,
    back: `UPDATE invoices SET status = 'received', state = (state::jsonb || '{"Status":"received"}')::json WHERE clinic_id = :c`,
    words: /1 pagamento que o Asaas não conhece.*R\$\s123,45/s,
    invoice: true,
  },
  // The agenda is not derived anew meanwhile, or an entry without a fact would be closed.
  deadline: {
    sql: `INSERT INTO agenda_rounds (clinic_id, feed_seq, ledger_no, audit_no, at, next_at) VALUES (:c, 0, 0, 0, now() + interval '1 day', now() + interval '2 days') ON CONFLICT (clinic_id) DO UPDATE SET at = now() + interval '1 day', next_at = now() + interval '2 days'; DELETE FROM deadlines WHERE clinic_id = :c; INSERT INTO deadlines (clinic_id, id, kind, subject, since, due_at, count, actor, action, ends, opened_at, updated_at) VALUES (:c, gen_random_uuid(), 'key_expiry', '', now(), '2031-05-18T02:59:00Z', 1, 'clinic', 'replace_key', 'key_replaced', now(), now())`,
    back: `DELETE FROM deadlines WHERE clinic_id = :c; UPDATE agenda_rounds SET at = now(), next_at = now() + interval '1 hour' WHERE clinic_id = :c`,
    words: /A chave do Asaas vence.*até 17\/05\/2031/s,
  },
  agenda_unknown: {
    sql: `INSERT INTO agenda_rounds (clinic_id, feed_seq, ledger_no, audit_no, at, next_at) VALUES (:c, 0, 0, 0, now() - interval '4 hours', now() + interval '2 days') ON CONFLICT (clinic_id) DO UPDATE SET at = now() - interval '4 hours', next_at = now() + interval '2 days'`,
    back: `UPDATE agenda_rounds SET at = now(), next_at = now() + interval '1 hour' WHERE clinic_id = :c`,
    words: /A agenda não está atualizada/,
  },
  dispute: {
    sql: `UPDATE invoices SET status = 'disputed', state = (state::jsonb || '{"Status":"disputed","Chargeback":{"Deadline":"2031-05-17"}}')::json WHERE clinic_id = :c`,
    back: `UPDATE invoices SET status = 'received', state = (state::jsonb - 'Chargeback' || '{"Status":"received"}')::json WHERE clinic_id = :c`,
    words: /1 contestação.*R\$\s123,45.*até 17\/05\/2031/s,
    invoice: true,
  },
  events_failed: {
    sql: `UPDATE events SET outcome = 'dead' WHERE clinic_id = :c AND type = 'PAYMENT_RECEIVED'; INSERT INTO due (clinic_id, environment, seq, id_hash, next_at, tries) SELECT clinic_id, environment, seq, id_hash, 'infinity', 9 FROM events WHERE clinic_id = :c AND outcome = 'dead'`,
    back: `DELETE FROM due WHERE clinic_id = :c; UPDATE events SET outcome = 'applied' WHERE clinic_id = :c AND outcome = 'dead'`,
    words: /1 evento com falha/,
  },
  // It is due tomorrow, so that no worker takes it.
  events_waiting: {
    sql: `INSERT INTO due (clinic_id, environment, seq, id_hash, next_at) SELECT clinic_id, environment, seq, id_hash, now() + interval '1 day' FROM events WHERE clinic_id = :c AND type = 'PAYMENT_RECEIVED'; UPDATE events SET received_at = received_at - interval '1 hour' WHERE clinic_id = :c`,
    back: `DELETE FROM due WHERE clinic_id = :c; UPDATE events SET received_at = received_at + interval '1 hour' WHERE clinic_id = :c`,
    words: /Avisos esperando para serem processados/,
  },
};

test('whatever speaks against all being well is told on Início, and no page comforts', async ({ page }) => {
  const contract = await (await fetch(ready().url + '/openapi.json')).json();
  const kinds: string[] = contract.components.schemas.ConditionView.properties.kind.enum;
  expect(Object.keys(plants).sort()).toEqual([...kinds].sort());
  const clinic = await newClinic();
  await connect(clinic);
  await firstCheckDone(clinic);
  await play(clinic, 'pix', { amountCents: 12345, reference: 'orc-honesto' });
  await api(clinic, 'POST', '/ledger/match');
  await expect.poll(async () => (await api(clinic, 'GET', '/glance')).conditions, 'all is well').toEqual([]);

  await open(page, '/app', clinic);
  const attention = page.getByTestId('attention');
  await expect(attention).toContainText('Tudo em dia por aqui.');
  await expect(page.locator('main .tone-success').first()).toBeVisible();
  const row = page.getByTestId('invoice-row');
  for (const [kind, plant] of Object.entries(plants)) {
    await test.step(kind, async () => {
      sql(clinic, plant.sql);
      await page.goto(ready().url + '/app');
      await expect(page.getByTestId(`condition-${kind}`)).toContainText(plant.words);
      await expect(page.locator('main')).not.toContainText('Tudo em dia');
      await expect(page.locator('main .tone-success')).toHaveCount(0);
      const first = await page.getByTestId('as-of-condition').textContent();
      for (const [path, shown] of [
        ['/app/faturas', row],
        ['/app/extrato', page.getByTestId('as-of')],
      ] as const) {
        await page.getByRole('navigation', { name: 'Principal' }).locator(`a[href="${path}"]`).click();
        await expect(shown.first()).toBeVisible();
        await expect(page.getByTestId('as-of-condition')).toHaveText(first!);
        await expect(page.locator('main')).not.toContainText('Tudo em dia');
        if (plant.invoice) await expect(page.locator('main .tone-success')).toHaveCount(0);
      }
      await page.getByRole('navigation', { name: 'Principal' }).locator('a[href="/app/faturas"]').click();
      await row.getByRole('link').first().click();
      await expect(page.getByTestId('invoice-state')).toBeVisible();
      await expect(page.getByTestId('as-of-condition')).toHaveText(first!);
      await calm(page);
      if (plant.invoice) await expect(page.locator('main .card').first().locator('.tone-success')).toHaveCount(0);
      if (kind === 'agenda_unknown') {
        await expect(async () => {
          sql(clinic, plant.sql); // the worker makes it anew as soon as something happens
          await page.goto(ready().url + '/app/agenda');
          const unknown = page.getByTestId('agenda-unknown');
          await expect(unknown).toContainText('Pode haver prazos que não estão aqui.', { timeout: 10_000 });
          await expect(page.locator('main')).not.toContainText('Nenhum prazo em aberto');
        }).toPass();
      }
      sql(clinic, plant.back);
    });
  }
  await page.goto(ready().url + '/app');
  await expect(attention).toContainText('Tudo em dia por aqui.');
});
