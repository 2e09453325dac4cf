"""A worker that uses the official clients as their manuals show: nothing in it knows of a gateway. Writes what it saw, as JSON.

usage: agent.py FILE
"""

import asyncio
import json
import sys

import anthropic
import openai

WORDS = [{"role": "user", "content": "hello, how are you?"}]
seen = {}


def plain():
    a, o = anthropic.Anthropic(), openai.OpenAI()
    message = a.messages.create(model="good", max_tokens=20, messages=WORDS)
    seen["message"] = [message.usage.output_tokens, message.content[0].text]
    with a.messages.stream(model="good", max_tokens=6, messages=WORDS) as stream:
        seen["message_stream"] = "".join(stream.text_stream)
        seen["message_stream_usage"] = stream.get_final_message().usage.output_tokens
    seen["count"] = a.messages.count_tokens(model="good", messages=WORDS).input_tokens
    seen["chat"] = o.chat.completions.create(model="good", messages=WORDS, max_completion_tokens=7).usage.completion_tokens
    chunks = list(o.chat.completions.create(model="good", messages=WORDS, max_completion_tokens=3, stream=True))
    seen["chat_stream"] = [len(chunks), any("usage" in chunk.model_fields_set for chunk in chunks)]
    asked = list(o.chat.completions.create(model="good", messages=WORDS, max_completion_tokens=3, stream=True,
                                           stream_options={"include_usage": True}))
    seen["chat_stream_usage"] = asked[-1].usage.completion_tokens
    answer = o.responses.create(model="good", input="hi", max_output_tokens=5)
    seen["response"] = [answer.output_text, answer.usage.output_tokens]
    with o.responses.stream(model="good", input="hi", max_output_tokens=5) as stream:
        seen["response_stream"] = [event.type for event in stream][-1]
    seen["embedding"] = len(o.embeddings.create(model="embedding", input="hi", encoding_format="float").data)


async def together():
    a, o = anthropic.AsyncAnthropic(), openai.AsyncOpenAI()
    found = await asyncio.gather(*(a.messages.create(model="good", max_tokens=20, messages=WORDS) for _ in range(20)))
    seen["async"] = sum(message.usage.output_tokens for message in found)
    async with a.messages.stream(model="good", max_tokens=6, messages=WORDS) as stream:
        seen["async_stream"] = "".join([text async for text in stream.text_stream])
    stream = await o.chat.completions.create(model="good", messages=WORDS, max_completion_tokens=4, stream=True)
    seen["async_chat"] = "".join([chunk.choices[0].delta.content or "" async for chunk in stream])


def refused():
    """No money left: the clients do not try again."""
    a, o = anthropic.Anthropic(), openai.OpenAI()
    try:
        for _ in range(1000):
            a.messages.create(model="large", max_tokens=4000, messages=[{"role": "user", "content": "word " * 4000}])
    except anthropic.APIStatusError as error:
        seen["refused"] = [error.status_code, error.body["error"]["type"]]
    try:
        o.chat.completions.create(model="large", max_completion_tokens=4000, messages=[{"role": "user", "content": "word " * 4000}])
    except openai.APIStatusError as error:
        seen["refused_chat"] = [error.status_code, error.code]
    try:
        a.messages.create(model="nobody-knows-it", max_tokens=5, messages=WORDS)
    except anthropic.BadRequestError as error:
        seen["unknown"] = error.body["error"]["type"]


plain()
asyncio.run(together())
refused()
with open(sys.argv[1], "w") as file:
    json.dump(seen, file)
