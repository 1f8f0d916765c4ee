import type { ReactNode } from 'react';

import { useMay } from '../lib/clinic';
import { Banner } from './basics';

/** What is said to whoever reaches what their role does not allow. */
export function Denied() {
  return (
    <Banner tone="info" testId="denied">
      Seu perfil não permite esta ação. Peça a um Administrador.
    </Banner>
  );
}

/** A page's content for those who hold the scope, and the reason for all others. */
export function Allowed({ scope, children }: { scope: string; children: ReactNode }) {
  return useMay(scope) ? children : <Denied />;
}
