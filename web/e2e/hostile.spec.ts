import type { Page } from '@playwright/test';
import { readFileSync } from 'node:fs';

import { door, payment, eventsProcessed } from './door';
import { expect, fits, newClinic, open, ready, test } from './world';

const corpus = JSON.parse(readFileSync(new URL('./hostile.json', import.meta.url), 'utf8')) as string[];

/**
 * What of a payload came alive on the page: elements that only markup makes, links out, a changed prototype, refusals
 * of the content policy.
 */
async function alive(page: Page): Promise<string[]> {
  return page.evaluate(() => {
    const own = location.host;
    const found = [
      ...document.querySelectorAll(
        'main :is(script, iframe, object, embed, img, video, math, base, style, form[action], marquee)',
      ),
    ].map((e) => e.outerHTML.slice(0, 80));
    for (const a of document.querySelectorAll<HTMLAnchorElement>('a[href]')) {
      const asaas = a.protocol === 'https:' && /^(www\.|sandbox\.)?asaas\.com$/.test(a.hostname);
      if (a.host !== own && !asaas) found.push('link: ' + a.href);
    }
    for (const e of document.querySelectorAll('main *'))
      for (const { name } of e.attributes) if (name.startsWith('on')) found.push(`${e.tagName} ${name}`);
    if (({} as { polluted?: number }).polluted) found.push('polluted prototype');
    return [...found, ...((window as { refused?: string[] }).refused ?? [])];
  });
}

test('two hundred hostile texts in names, descriptions, references and addresses stay text', async ({ page }) => {
  test.slow();
  expect(new Set(corpus).size).toBe(200);
  const clinic = await newClinic();
  const post = await door(clinic);
  const one = (text: string, i: number) =>
    post({
      event: 'PAYMENT_CREATED',
      payment: payment(`pay_mal${i}`, {
        description: text,
        externalReference: text.slice(0, 500),
        invoiceUrl: text,
        bankSlipUrl: text,
        transactionReceiptUrl: text,
        customer: text.slice(0, 100),
      }),
    });
  const ten = (n: number) => {
    const texts = corpus.slice(10 * n, 10 * n + 10);
    return post({
      event: 'CHECKOUT_CREATED',
      checkout: {
        id: `2bd251f0-09b2-44ff-8a0c-a5cb29e5b${String(n).padStart(3, '0')}`,
        link: texts[0],
        status: 'ACTIVE',
        minutesToExpire: 60,
        externalReference: texts[1],
        billingTypes: ['PIX'],
        chargeTypes: [texts[2]],
        callback: { cancelUrl: texts[3], successUrl: texts[4], expiredUrl: texts[5] },
        items: texts.map((name) => ({ name, description: name, quantity: 1, value: 10 })),
        subscription: null,
        installment: null,
        split: null,
        customer: null,
        customerData: { name: texts[6], email: texts[7] },
      },
    });
  };
  await Promise.all([
    ...corpus.map(one),
    ...Array.from({ length: 20 }, (_, n) => ten(n)),
    ...corpus.slice(0, 10).map((text) => post({ event: text.slice(0, 60), name: text })),
  ]);
  await eventsProcessed(clinic, 230);

  await page.addInitScript(() => {
    const refused: string[] = ((window as { refused?: string[] }).refused = []);
    document.addEventListener('securitypolicyviolation', (e) => refused.push('refused: ' + e.blockedURI));
  });
  await open(page, '/app/faturas', clinic);
  for (let shown = 0; ;) {
    // all two hundred, page by page
    await expect(page.getByTestId('invoice-row').first()).toBeVisible();
    expect(await alive(page)).toEqual([]);
    shown += await page.getByTestId('invoice-row').count();
    const next = page.getByRole('button', { name: 'Próximas' });
    if (shown >= 200 || (await next.isDisabled())) {
      expect(shown).toBe(200);
      break;
    }
    const first = await page.getByTestId('invoice-row').first().textContent();
    await next.click();
    await expect(page.getByTestId('invoice-row').first()).not.toHaveText(first!);
  }
  await page.setViewportSize({ width: 320, height: 900 });
  await fits(page);
  await page.setViewportSize({ width: 1280, height: 900 });

  const visit = async (path: string, seen: () => Promise<unknown>) => {
    await page.goto(ready().url + path);
    await seen();
    expect(await alive(page), path).toEqual([]);
  };
  await visit('/app/eventos', () => expect(page.getByTestId('event-row').first()).toBeVisible());
  await visit('/app/checkouts', () => expect(page.getByTestId('checkout-row').first()).toBeVisible());
  for (const n of [0, 7, 13])
    await visit(`/app/checkouts/2bd251f0-09b2-44ff-8a0c-a5cb29e5b${String(n).padStart(3, '0')}`, () =>
      expect(page.getByRole('heading', { name: 'Itens', exact: true })).toBeVisible(),
    );
  const shows = ['<script>alert(1)</script>', 'javascript:alert(1)', '\u202Egnp.exe', 'https://evil.example/'];
  for (const text of shows) {
    const i = corpus.indexOf(text);
    expect(i, text).toBeGreaterThanOrEqual(0);
    await visit(`/app/faturas/pay_mal${i}`, () => expect(page.locator('main').getByText(text).first()).toBeVisible());
    await expect(page.getByRole('link', { name: 'Fatura criada' }).first()).toBeVisible(); // its timeline
    await page.getByRole('link', { name: 'Fatura criada' }).first().click();
    await page.getByRole('button', { name: 'Ver conteúdo' }).click();
    await page.getByRole('button', { name: 'Revelar' }).click();
    await expect(page.getByTestId('payload')).toContainText(JSON.stringify(text));
    expect(await alive(page), text).toEqual([]);
  }
  await visit('/app/faturas?q=' + encodeURIComponent(shows[0]!), () =>
    expect(page.getByTestId('invoice-row')).toHaveCount(1),
  );
});
