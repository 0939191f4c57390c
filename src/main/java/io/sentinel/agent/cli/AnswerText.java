package io.sentinel.agent.cli;

import io.sentinel.agent.client.AgentClient.Answer;
import io.sentinel.agent.message.AgentReply;
import io.sentinel.agent.message.Decision;
import io.sentinel.agent.message.HeaderOp;
import io.sentinel.agent.text.LogText;
import java.io.PrintWriter;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Prints an answer for a person. */
final class AnswerText {

  private AnswerText() {}

  static void print(Answer answer, PrintWriter out) {
    print(answer.reply(), out);
    out.printf("took %.2f ms%n", answer.took().toNanos() / 1e6);
  }

  static void print(AgentReply reply, PrintWriter out) {
    switch (reply.decision()) {
      case Decision.Allow _ -> out.println("allow");
      case Decision.Block(int status, Optional<String> body, Map<String, String> headers) -> {
        out.println("block " + status);
        body.ifPresent(text -> out.println("  body: " + LogText.of(text)));
        headers.forEach((name, value) -> header(out, "header", name, value));
      }
      case Decision.Redirect(int status, String url) ->
          out.println("redirect " + status + " " + LogText.of(url));
      case Decision.Challenge(String type, Map<String, String> params) ->
          out.println("challenge " + LogText.of(type) + " " + LogText.of(params.toString()));
    }
    ops(out, "request header", reply.requestHeaders());
    ops(out, "response header", reply.responseHeaders());
    list(out, "tags", reply.audit().tags());
    list(out, "reason codes", reply.audit().reasonCodes());
  }

  private static void ops(PrintWriter out, String what, List<HeaderOp> ops) {
    for (HeaderOp op : ops) {
      switch (op) {
        case HeaderOp.Set(String name, String value) -> header(out, "set " + what, name, value);
        case HeaderOp.Add(String name, String value) -> header(out, "add " + what, name, value);
        case HeaderOp.Remove(String name) ->
            out.println("  remove " + what + ": " + LogText.of(name));
      }
    }
  }

  private static void header(PrintWriter out, String what, String name, String value) {
    out.println("  " + what + ": " + LogText.of(name) + ": " + LogText.of(value));
  }

  private static void list(PrintWriter out, String what, List<String> texts) {
    if (!texts.isEmpty()) {
      out.println("  " + what + ": " + LogText.of(String.join(", ", texts)));
    }
  }
}
