import { useClinic } from '../lib/clinic';
import { signUp } from '../lib/links';

/** For a clinic that has no account at Asaas yet: where to open one, in another tab. */
export function SignUpLink() {
  const clinic = useClinic().data;
  if (!clinic) return null;
  return (
    <p className="small" data-testid="sign-up">
      Ainda não tem conta?{' '}
      <a href={signUp(clinic.sandbox)} target="_blank" rel="noreferrer">
        {clinic.sandbox ? 'Abra uma conta de testes no Asaas' : 'Abra uma conta no Asaas'}
      </a>{' '}
      (outra aba); depois volte aqui com a chave.
    </p>
  );
}
