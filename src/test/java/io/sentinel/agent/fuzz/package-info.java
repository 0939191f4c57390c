/**
 * What reads bytes from outside, fed with anything: each {@code …Fuzz} class is a target of Jazzer
 * ({@code bin/fuzz}), and says what must hold whatever comes. {@link
 * io.sentinel.agent.fuzz.FuzzCorpusTest} runs what was found before in every build.
 */
package io.sentinel.agent.fuzz;
