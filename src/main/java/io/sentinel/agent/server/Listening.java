package io.sentinel.agent.server;

import io.sentinel.agent.pool.Call;
import io.sentinel.agent.wire.Capabilities;
import java.time.Duration;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.LongFunction;
import java.util.function.Supplier;

/**
 * What the sessions of one listener share.
 *
 * @param capabilities what a peer that connects now is told
 * @param maxInFlight events that one connection of version 2 may have under way
 * @param dispatch hands an exchange to the event bus
 * @param cancel ends a call that nobody waits for
 * @param lateAfterNanos from arrival to the moment from which an answer is not written any more, on
 *     a connection that carries one event at a time
 * @param unreadTimeout how long a peer may leave its answers unread
 * @param later runs something on the event loop, after what waits there
 * @param timers runs something after so many milliseconds; what it returns takes that back
 */
record Listening(
    Outbox outbox,
    Supplier<Capabilities> capabilities,
    int maxInFlight,
    Consumer<Exchange> dispatch,
    Consumer<Call> cancel,
    FailurePolicy failurePolicy,
    EventLog eventLog,
    IntakeGuard intake,
    Pulse pulse,
    ServerObserver observer,
    long lateAfterNanos,
    Duration unreadTimeout,
    Consumer<Runnable> later,
    LongFunction<Function<Runnable, Runnable>> timers,
    Consumer<Session> onClosed) {}
