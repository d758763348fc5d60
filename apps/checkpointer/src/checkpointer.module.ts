/** The checkpointer as a Nest application: made from its settings, stopped in order. */
import { checkpointStream } from '@mcpstack/domain';
import { openEventStore, type EventStore } from '@mcpstack/event-store';
import {
  eventStorePlace,
  Health,
  HealthController,
  Log,
  Metrics,
  MetricsController,
  warnOfUnsafe,
} from '@mcpstack/service-kit';
import { parseVkey } from '@mcpstack/tlog';
import {
  Controller,
  Get,
  Header,
  Inject,
  Module,
  type DynamicModule,
  type OnApplicationShutdown,
} from '@nestjs/common';
import { CheckpointHistory } from './checkpoint-history.ts';
import type { CheckpointerStatus } from './checkpointer-status.ts';
import { Checkpointer } from './checkpointer.ts';
import { readKeyFile, signersOf } from './key-file.ts';
import { tellMetrics } from './metrics.ts';
import { Publication } from './publication.ts';
import { vkeysIn, witnessUrls, type CheckpointerSettings } from './settings.ts';
import { addVkeys } from './vkey-file.ts';
import { Witness, type WitnessStatus } from './witness.ts';

/** What is running. */
class Parts implements OnApplicationShutdown {
  constructor(
    readonly checkpointer: Checkpointer,
    readonly witnesses: readonly Witness[],
    readonly store: EventStore,
  ) {}

  async onApplicationShutdown(): Promise<void> {
    await Promise.all([this.checkpointer.stop(), ...this.witnesses.map((witness) => witness.stop())]);
    await this.store.close();
  }
}

/** What the checkpointer is doing, beside the plain health checks. */
@Controller('health')
export class StatusController {
  constructor(@Inject(Parts) private readonly parts: Parts) {}

  @Get('checkpoints')
  @Header('Cache-Control', 'no-store')
  status(): CheckpointerStatus & { witnesses: WitnessStatus[] } {
    const witnesses = this.parts.witnesses.map((witness) => witness.status());
    return { ...this.parts.checkpointer.status(), witnesses };
  }
}

@Module({})
export class CheckpointerModule {
  /** Connects to the log and begins. @throws ConfigError; when the log does not answer. */
  static async open(settings: CheckpointerSettings, log: Log): Promise<DynamicModule> {
    const keyFile = readKeyFile(settings.CHECKPOINT_KEY_FILE);
    const former = vkeysIn(settings.CHECKPOINT_FORMER_VKEY_FILE, 'CHECKPOINT_FORMER_VKEY_FILE');
    const witnessKeys = vkeysIn(settings.WITNESS_VKEY_FILE, 'WITNESS_VKEY_FILE');
    const urls = witnessUrls(settings);
    warnOfUnsafe(log, { settings });
    const { url, ...login } = eventStorePlace(settings);
    const store = await openEventStore(url, {
      name: 'mcpstack-checkpointer',
      replicas: settings.JETSTREAM_REPLICAS,
      onUnsafe: (sentence) => log.warn(sentence),
      ...login,
    });
    // Of a log that was moved, the tree goes on.
    const logId = await store.originId();
    const origin = `${settings.CHECKPOINT_ORIGIN}/${logId}`;
    const signers = signersOf(keyFile, origin);
    const vkeys = signers.map(({ vkey }) => vkey);
    addVkeys(settings.CHECKPOINT_VKEY_FILE, vkeys);

    const publication = new Publication({
      file: settings.CHECKPOINT_FILE,
      historyFile: settings.CHECKPOINT_HISTORY_FILE,
      log,
    });
    const history = new CheckpointHistory(store, checkpointStream(logId), origin);
    const onCosigned = (note: string, lines: readonly string[]) => publication.cosigned(note, lines);
    const witnesses = urls.map(
      (url) => new Witness({ url, verifiers: witnessKeys, history, onCosigned, log }),
    );
    const own = vkeys.map((vkey) => parseVkey(vkey));
    const checkpointer = new Checkpointer({
      store,
      logId,
      origin,
      signers,
      former,
      log,
      intervalMs: settings.CHECKPOINT_INTERVAL_MS,
      publishedSize: () => publication.publishedSize(origin, [...own, ...former]),
      onCheckpoint: (checkpoint) => {
        publication.publish(checkpoint.note);
        for (const witness of witnesses) witness.submit(checkpoint);
      },
    });
    const health = new Health();
    health.register('checkpoints', () => checkpointer.trouble());
    health.register('publication', () => publication.trouble());
    health.register('witnesses', () => witnesses.map((witness) => witness.alarm()).find((alarm) => alarm));
    const metrics = new Metrics('checkpointer');
    metrics.health(health);
    tellMetrics(metrics, { checkpointer, witnesses });
    checkpointer.start();
    for (const witness of witnesses) witness.start();
    return {
      module: CheckpointerModule,
      controllers: [HealthController, MetricsController, StatusController],
      providers: [
        { provide: Log, useValue: log },
        { provide: Health, useValue: health },
        { provide: Metrics, useValue: metrics },
        { provide: Parts, useValue: new Parts(checkpointer, witnesses, store) },
      ],
    };
  }
}
