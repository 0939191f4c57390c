package io.sentinel.agent.server;

import io.sentinel.agent.message.AgentEvent;
import io.sentinel.agent.message.AgentReply;
import io.sentinel.agent.message.Outcome;

/** Told what happens on the connections. Called on the event loop: it must be quick. */
public interface ServerObserver {

  /**
   * An event was answered.
   *
   * @param outcome why the answer is what it is
   * @param nanos from the event's arrival to here
   */
  void answered(AgentEvent event, AgentReply reply, Outcome outcome, long nanos);

  /** An event was not answered, for nobody waited for it: cancelled, or its connection closed. */
  void cancelled();

  /** A message came that asks for nothing, and was passed over. */
  void messageIgnored();

  void connectionOpened();

  void connectionClosed();

  /** A connection has said which version of the protocol it speaks. */
  void connectionSpeaks(int protocolVersion);

  /** Bytes came in. */
  void bytesReceived(int bytes);

  /** A whole frame came in. */
  void frameReceived();

  /** Frames went out. */
  void sent(int frames, int bytes);

  /** A connection was given up. */
  void connectionDropped(DropReason reason);
}
