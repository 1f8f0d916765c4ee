import { useNavigate, useSearch } from '@tanstack/react-router';
import { useEffect } from 'react';

import { useSession } from '../../lib/clinic';
import { PageHeader } from '../../ui/basics';
import { ThemeChoice } from '../../ui/theme-choice';
import { LoginForm } from './login-form';

/** The login page, which leads on to the page that was asked for. */
export default function Login() {
  const state = useSession();
  const navigate = useNavigate();
  const { para } = useSearch({ from: '/app/entrar' });
  useEffect(() => {
    if (state === 'in') void navigate({ to: /^\/(app|ops)([/?#]|$)/.test(para ?? '') ? para : '/app', replace: true });
  }, [state, para, navigate]);
  return (
    <main className="stack alone">
      <div className="brand">PataPay</div>
      <div className="card roomy">
        <PageHeader title="Entrar" lead="Os pagamentos da sua clínica, sempre em dia." />
        <LoginForm />
      </div>
      <ThemeChoice />
    </main>
  );
}
