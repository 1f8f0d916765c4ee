import type { ReactNode } from 'react';

import { asaasStatusWords } from '../lib/asaas-codes';

/** A code of Asaas's, or of ours, with what it means as its title. */
export function Code({ title, className, children }: { title: string; className?: string; children: ReactNode }) {
  return (
    <code title={title} className={className}>
      {children}
    </code>
  );
}

/** Asaas's own word for a state, with ours as its title. */
export function AsaasStatus({ code }: { code: string }) {
  return <Code title={asaasStatusWords[code] ?? 'Situação no Asaas'}>{code}</Code>;
}
