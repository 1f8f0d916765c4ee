import { Button } from '@mantine/core';
import { useEffect, useRef, useState } from 'react';

import { Banner, CopyField } from '../../ui/basics';
import type { Endpoint } from './queries';

// A secret is in one answer alone. Between the dialog that made it and the page that shows it, it is kept
// here: in no storage, in no address, and gone once it was read.
let kept: { id: string; secret: string } | null = null;

/** Keeps the secret of the endpoint that was just made for its page. */
export function keepSecret(endpoint: Endpoint) {
  kept = endpoint.secret ? { id: endpoint.id, secret: endpoint.secret } : null;
}

/** The secret that was kept for an endpoint; '' when there is none. Further calls have nothing. */
export function takeSecret(id: string): string {
  const secret = kept?.id === id ? kept.secret : '';
  kept = null;
  return secret;
}

/** The secret of the page's endpoint, and how to show another one. */
export function useShownSecret(id: string): [secret: string, show: (secret: string) => void] {
  const [secret, show] = useState(() => takeSecret(id));
  return [secret, show];
}

/** A new secret, which is shown only this once. */
export function NewSecret({ secret, dismiss }: { secret: string; dismiss: () => void }) {
  const box = useRef<HTMLElement>(null);
  useEffect(() => box.current?.focus(), [secret]);
  return (
    <section className="card stack" ref={box} tabIndex={-1} aria-label="Segredo" data-testid="endpoint-secret">
      <Banner tone="warning" title="Guarde o segredo no sistema">
        Ele aparece uma única vez, e com ele o sistema confere que o envio é nosso.
      </Banner>
      <CopyField field="endpoint-secret" label="Segredo" value={secret} />
      <div className="row">
        <Button onClick={dismiss}>Já guardei</Button>
      </div>
    </section>
  );
}
