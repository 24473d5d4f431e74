/** Somebody who comes through a proxy: requests, event streams and WebSockets. */

import { randomBytes } from "node:crypto";
import http from "node:http";
import https from "node:https";
import { createInterface } from "node:readline";
import { WebSocket } from "ws";
import { until } from "./program.js";

/** @typedef {{ url: string, ca: Buffer | undefined }} Site */
/** @typedef {{ type?: string, [key: string]: any }} Message */

export class Visitor {
  /** @type {(() => void)[]} */
  #ends = [];
  key = randomBytes(16).toString("hex");

  /** @param {Site} site @param {{ address?: string, headers?: Record<string, string> }} [options] */
  constructor(site, options = {}) {
    this.site = site;
    this.headers = { origin: site.url, ...options.headers };
    const speaks = site.url.startsWith("https:") ? https : http;
    this.speaks = speaks;
    this.socket = { ca: site.ca, localAddress: options.address };
    this.agent = new speaks.Agent({ keepAlive: true, ...this.socket });
    this.#ends.push(() => this.agent.destroy());
  }

  /** Ends all it has open. */
  end() {
    for (const end of this.#ends.splice(0)) end();
  }

  /**
   * @param {string} method @param {string} path @param {unknown} [body]
   * @returns {Promise<{ status: number, headers: http.IncomingHttpHeaders, json: any, text: string }>}
   */
  async ask(method, path, body) {
    const response = await this.#send(method, path, body);
    response.setEncoding("utf8");
    let text = "";
    for await (const part of response) text += part;
    const isJson = response.headers["content-type"]?.startsWith("application/json");
    return { status: response.statusCode ?? 0, headers: response.headers, json: isJson ? JSON.parse(text) : undefined, text };
  }

  /** @param {string} topic @param {unknown} [value] */
  async heartbeat(topic, value) {
    return await this.ask("POST", `/presence/${topic}/heartbeat`, value === undefined ? {} : { value });
  }

  /** An event stream of a topic: what it has said so far, comments included. @param {string} topic */
  async changes(topic) {
    const response = await this.#send("GET", `/presence/${topic}/changes`);
    this.#ends.push(() => response.destroy());
    /** @type {Message[]} */
    const heard = [];
    response.once("error", () => {});
    createInterface({ input: response }).on("line", (line) => {
      if (line.startsWith(":")) heard.push({ type: "comment" });
      if (line.startsWith("data: ")) heard.push(JSON.parse(line.slice(6)));
    });
    return { status: response.statusCode, headers: response.headers, heard };
  }

  /** A WebSocket that has said hello, unless it is refused. */
  async converse() {
    const url = `${this.site.url.replace(/^http/, "ws")}/presence/ws`;
    const socket = new WebSocket(url, { ...this.socket, headers: this.headers });
    this.#ends.push(() => socket.terminate());
    /** @type {Message[]} */
    const heard = [];
    /** @type {{ status?: number, close?: number }} */
    const state = {};
    socket.on("error", () => {});
    socket.on("unexpected-response", (_, response) => {
      state.status = response.statusCode;
    });
    socket.on("close", (code) => {
      state.close = code;
    });
    socket.on("message", (text) => heard.push(JSON.parse(String(text))));
    socket.on("open", () => {
      state.status = 101;
      socket.send(JSON.stringify({ type: "hello", protocol: 1, session: this.key }));
    });
    await until(() => state.status ?? state.close);
    const say = (/** @type {Message} */ message) => socket.send(JSON.stringify(message));
    return { state, heard, say };
  }

  /** @param {string} method @param {string} path @param {unknown} [body] @returns {Promise<http.IncomingMessage>} */
  #send(method, path, body) {
    const text = body === undefined ? undefined : JSON.stringify(body);
    const kind = text === undefined ? {} : { "content-type": "application/json" };
    const headers = { ...this.headers, "presence-session": this.key, ...kind };
    return new Promise((resolve, reject) => {
      const request = this.speaks.request(this.site.url + path, { method, headers, agent: this.agent, ...this.socket });
      request.once("response", resolve);
      request.once("error", reject);
      request.end(text);
    });
  }
}
