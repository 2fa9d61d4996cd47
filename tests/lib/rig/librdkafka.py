# SPDX-License-Identifier: Apache-2.0
"""Calls of librdkafka for which its Python client has none."""
import ctypes
from ctypes import c_char_p, c_int, c_int32, c_int64, c_size_t, c_void_p

PRODUCER, CONSUMER = 0, 1
MILLISECONDS = 30000


class Partition(ctypes.Structure):
    _fields_ = [
        ("topic", c_char_p),
        ("partition", c_int32),
        ("offset", c_int64),
        ("metadata", c_void_p),
        ("metadata_size", c_size_t),
        ("opaque", c_void_p),
        ("err", c_int),
        ("private", c_void_p),
    ]


class Partitions(ctypes.Structure):
    _fields_ = [("cnt", c_int), ("size", c_int), ("elems", ctypes.POINTER(Partition))]


_lib = ctypes.CDLL("librdkafka.so.1")


def _call(name, result, *arguments):
    function = getattr(_lib, f"rd_kafka_{name}")
    function.restype, function.argtypes = result, arguments
    return function


_conf_new = _call("conf_new", c_void_p)
_conf_set = _call("conf_set", c_int, c_void_p, c_char_p, c_char_p, c_char_p, c_size_t)
_new = _call("new", c_void_p, c_int, c_void_p, c_char_p, c_size_t)
_destroy = _call("destroy", None, c_void_p)
_list_new = _call("topic_partition_list_new", c_void_p, c_int)
_list_add = _call("topic_partition_list_add", c_void_p, c_void_p, c_char_p, c_int32)
_list_destroy = _call("topic_partition_list_destroy", None, c_void_p)
_committed = _call("committed", c_int, c_void_p, ctypes.POINTER(Partitions), c_int)
_queue_new = _call("queue_new", c_void_p, c_void_p)
_queue_poll = _call("queue_poll", c_void_p, c_void_p, c_int)
_queue_destroy = _call("queue_destroy", None, c_void_p)
_event_error = _call("event_error_string", c_char_p, c_void_p)
_event_code = _call("event_error", c_int, c_void_p)
_event_destroy = _call("event_destroy", None, c_void_p)
_delete_new = _call("DeleteConsumerGroupOffsets_new", c_void_p, c_char_p, c_void_p)
_delete_destroy = _call("DeleteConsumerGroupOffsets_destroy", None, c_void_p)
_delete = _call(
    "DeleteConsumerGroupOffsets", None, c_void_p, c_void_p, c_size_t, c_void_p, c_void_p
)
_result = _call("event_DeleteConsumerGroupOffsets_result", c_void_p, c_void_p)
_groups = _call("DeleteConsumerGroupOffsets_result_groups", c_void_p, c_void_p, c_void_p)
_group_error = _call("group_result_error", c_void_p, c_void_p)
_group_partitions = _call("group_result_partitions", ctypes.POINTER(Partitions), c_void_p)
_error_string = _call("error_string", c_char_p, c_void_p)
_err2name = _call("err2name", c_char_p, c_int)


def _client(kind, **settings):
    text = ctypes.create_string_buffer(512)
    conf = _conf_new()
    for name, value in settings.items():
        done = _conf_set(conf, name.replace("_", ".").encode(), value.encode(), text, len(text))
        assert done == 0, text.value
    handle = _new(kind, conf, text, len(text))
    assert handle, text.value
    return handle


def committed(brokers, group, partitions):
    """[(offset, metadata)] of [(topic, partition)], as decided last: what is pending is not waited
    for; (None, "") where nothing is committed."""
    handle = _client(
        CONSUMER, bootstrap_servers=brokers, group_id=group, isolation_level="read_uncommitted"
    )
    asked = _list_new(len(partitions))
    for topic, partition in partitions:
        _list_add(asked, topic.encode(), partition)
    try:
        list = ctypes.cast(asked, ctypes.POINTER(Partitions))
        error = _committed(handle, list, MILLISECONDS)
        assert error == 0, _err2name(error).decode()
        found = list.contents.elems[: list.contents.cnt]
        return [
            (None, "")
            if its.offset < 0
            else (its.offset, ctypes.string_at(its.metadata, its.metadata_size).decode())
            for its in found
        ]
    finally:
        _list_destroy(asked)
        _destroy(handle)


def delete_offsets(brokers, group, partitions):
    """Deletes what a group without members has committed for [(topic, partition)]."""
    handle = _client(PRODUCER, bootstrap_servers=brokers)
    named = _list_new(len(partitions))
    for topic, partition in partitions:
        _list_add(named, topic.encode(), partition)
    request = _delete_new(group.encode(), named)
    queue = _queue_new(handle)
    _delete(handle, ctypes.byref(c_void_p(request)), 1, None, queue)
    event = _queue_poll(queue, MILLISECONDS)
    try:
        assert event, "no answer"
        assert _event_code(event) == 0, _event_error(event)
        count = c_size_t()
        groups = ctypes.cast(_groups(_result(event), ctypes.byref(count)), ctypes.POINTER(c_void_p))
        error = _group_error(groups[0])
        assert not error, _error_string(error)
        list = _group_partitions(groups[0]).contents
        errors = {list.elems[i].err for i in range(list.cnt)} - {0}
        assert not errors, [_err2name(error).decode() for error in errors]
    finally:
        if event:
            _event_destroy(event)
        _queue_destroy(queue)
        _delete_destroy(request)
        _list_destroy(named)
        _destroy(handle)
