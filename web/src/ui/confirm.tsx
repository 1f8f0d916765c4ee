import { Button, Modal, type ButtonProps } from '@mantine/core';
import { useState, type ReactNode } from 'react';

import { ErrorBanner } from './states';

interface Props {
  action: string; // the words of both buttons: what is done
  title: string;
  children: ReactNode; // what happens then, and what cannot be taken back
  work: { mutate: (_: undefined, options: { onSuccess: () => void }) => void; isPending: boolean; error: unknown };
  danger?: boolean;
  button?: ButtonProps;
}

/** A button for what cannot be taken back: it says what will happen, and a second button does it. */
export function ConfirmButton({ action, title, children, work, danger = false, button }: Props) {
  const [open, setOpen] = useState(false);
  const close = () => setOpen(false);
  const color = danger ? 'danger' : undefined;
  return (
    <>
      <Button {...button} color={color} onClick={() => setOpen(true)} aria-haspopup="dialog">
        {action}
      </Button>
      <ConfirmDialog opened={open} close={close} action={action} title={title} work={work} danger={danger}>
        {children}
      </ConfirmDialog>
    </>
  );
}

interface DialogProps extends Omit<Props, 'button'> {
  opened: boolean;
  close: () => void;
}

/** Asks once more, with what will happen; it closes when that was done, and shows why it was not. */
export function ConfirmDialog({ opened, close, action, title, children, work, danger = false }: DialogProps) {
  return (
    <Modal opened={opened} onClose={close} title={title}>
      <div className="stack">
        {children}
        {work.error ? <ErrorBanner error={work.error} /> : null}
        <div className="row">
          <Button
            variant="filled"
            color={danger ? 'danger' : undefined}
            aria-busy={work.isPending}
            onClick={() => !work.isPending && work.mutate(undefined, { onSuccess: close })}
          >
            {action}
          </Button>
          <Button onClick={close}>Cancelar</Button>
        </div>
      </div>
    </Modal>
  );
}
