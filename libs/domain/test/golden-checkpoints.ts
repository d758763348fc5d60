/** What the golden files of checkpoints decode to; the rule they keep stands in golden-events.ts. */
import type { DomainEvent } from '../src/index.ts';

const CHECKPOINTER = { type: 'system', id: 'checkpointer' } as const;
/** Of three leaves, signed with the Ed25519 key whose seed is 32 bytes of 7. */
const CHECKPOINT = {
  note: 'mcpstack-keys/3f1c2a9e-1f44-8c1b-8a54-0d8f2c6b9e12\n3\nNmQuc8JUCrEh46a/lUWwokmCzYMOsT080Z3jzmwCHsE=\n\n— mcpstack-keys/3f1c2a9e-1f44-8c1b-8a54-0d8f2c6b9e12 PNKJEgfbLs17p/7ijXcAeblXaKo/yY9mb7duqZRX11UB5IijsgNXTcub39IBrSms8SzGEjp2dSOLsODQ9+o2FGLnSg8=\n',
  position: '3',
  leaves:
    'Aippeebat6pa5MPl5F9+l3ESp+Y1k4INvsHsc4ok+TxX6zVhXUfzTscUys31/XRgil6OECck6AsksofAwntqMVl/yzEoLTRlTCANNBj8pXBcZI6/Mm7HPY3e8RhB+HbY',
  frontier: ['sTeYX/SE+2ANuTEHx3sDZcgNePW0Kd7Q/Zc2HQd5mes=', 'WX/LMSgtNGVMIA00GPylcFxkjr8ybsc9jd7xGEH4dtg='],
};

const of = (data: Record<string, unknown>): { category: string; event: DomainEvent } => ({
  category: 'checkpoint',
  event: { type: 'CheckpointSigned', data, at: '2026-11-24T08:00:00.000Z', actor: CHECKPOINTER },
});

export const GOLDEN_CHECKPOINTS: Readonly<Record<string, { category: string; event: DomainEvent }>> = {
  'CheckpointSigned.v1': of(CHECKPOINT),
  'CheckpointSigned.v2': of({
    ...CHECKPOINT,
    erasable:
      'erasable leaves of mcpstack-keys/3f1c2a9e-1f44-8c1b-8a54-0d8f2c6b9e12\nNmQuc8JUCrEh46a/lUWwokmCzYMOsT080Z3jzmwCHsE=\n1 user-user_0000000000000000000001@0\n\n— mcpstack-keys/3f1c2a9e-1f44-8c1b-8a54-0d8f2c6b9e12 PNKJEm4Diqkjy+TGAdn+A1yUu9PqJrheabHV3svLpfEwzqr1Pj7StFNOqznU6l+++M5PBzOPhhpamsezhjgZS3ftmgc=\n',
  }),
};
