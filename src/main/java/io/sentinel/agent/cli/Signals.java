package io.sentinel.agent.cli;

import io.quarkus.runtime.LaunchMode;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * Signals. The JVM's own way ends with 143 for SIGTERM; a supervisor is to see a clean exit.
 *
 * <p>By reflection, for the JDK has only sun.misc.Signal for it (JEP 260 keeps that one), and javac
 * has no way to be told that we know.
 */
final class Signals {

  private static final Logger LOG = Logger.getLogger(Signals.class);

  /** Whether SIGHUP came while there was nothing to be read again. */
  private static final AtomicBoolean HUNG_UP_EARLY = new AtomicBoolean();

  /** What it asks for, once there is something. */
  private static volatile @Nullable Runnable onHangUp;

  private Signals() {}

  /** What SIGTERM and SIGINT do from here on. */
  static void onTermination(Runnable action) {
    if (LaunchMode.current() == LaunchMode.NORMAL) {
      handle("TERM", action);
      handle("INT", action);
    }
  }

  /** Until {@link #onHangUp} says what SIGHUP does, it is kept in mind and does not end the JVM. */
  static void holdHangUp() {
    if (LaunchMode.current() == LaunchMode.NORMAL) {
      handle("HUP", Signals::hangUpEarly);
    }
  }

  /**
   * What SIGHUP asks for, as of other servers: to read again what they serve by. One that was held
   * is acted on now: what was read may have changed after it was read.
   */
  static void onHangUp(Runnable action) {
    if (LaunchMode.current() == LaunchMode.NORMAL) {
      onHangUp = action; // first: the handler before this one may be about to run
      handle("HUP", action);
      actOnEarly();
    }
  }

  private static void hangUpEarly() {
    HUNG_UP_EARLY.set(true);
    actOnEarly();
  }

  private static void actOnEarly() {
    Runnable action = onHangUp;
    if (action != null && HUNG_UP_EARLY.getAndSet(false)) {
      action.run();
    }
  }

  private static void handle(String name, Runnable action) {
    try {
      Class<?> signal = Class.forName("sun.misc.Signal");
      Class<?> handler = Class.forName("sun.misc.SignalHandler");
      Object proxy =
          Proxy.newProxyInstance(
              handler.getClassLoader(),
              new Class<?>[] {handler},
              (self, method, args) -> answer(self, method, args, action));
      signal
          .getMethod("handle", signal, handler)
          .invoke(null, signal.getConstructor(String.class).newInstance(name), proxy);
    } catch (ReflectiveOperationException e) {
      Throwable why = e.getCause() == null ? e : e.getCause();
      LOG.warnf("SIG%s does what the JVM makes of it: %s", name, why);
    }
  }

  private static Object answer(Object self, Method method, Object[] args, Runnable action) {
    return switch (method.getName()) {
      case "handle" -> {
        action.run();
        yield self; // of no use to anybody: the method is void
      }
      case "equals" -> self == args[0];
      case "hashCode" -> System.identityHashCode(self);
      default -> "the agent's handler";
    };
  }
}
