import type { KnownGrowth } from './known-growth.ts';

/** Growth of Python processes that ends by itself or that nobody can do anything about. */
export const knownPythonGrowth: readonly KnownGrowth[] = [
  {
    path: /module sys → \.(?:modules|path_importer_cache|_xoptions)\b/,
    why: 'modules that are imported when they are first needed',
    seen: 'Python 3.8 to 3.14',
  },
  {
    path: /module (?:linecache|re|sre_compile|re\._compiler|warnings|tokenize|encodings)\b/,
    why: 'a cache of the standard library, filled when each thing is first used',
    seen: 'Python 3.8 to 3.14',
  },
  {
    path: /(?:Weak(?:Value|Key)Dictionary|WeakSet) → \.data \w+ → \S+ weakref\.\w+$/,
    why: 'references of a weak collection: they go with what they refer to, and who keeps that is another matter',
    seen: 'Python 3.8 to 3.14',
  },
  {
    path: /module logging → \._handler(?:List|s)\b/,
    why: "logging's own weak list of handlers: entries go with the handlers, and who keeps those is another matter",
    seen: 'Python 3.8 to 3.14',
  },
];

/** First names of modules of the standard library: their classes are the runtime's own. */
export const PYTHON_RUNTIME: ReadonlySet<string> = new Set(
  (
    'abc array ast asyncio asyncore atexit base64 bisect builtins bz2 calendar codecs collections concurrent contextlib contextvars ' +
    'copy copyreg cProfile csv ctypes datetime dbm decimal difflib dis email encodings enum errno faulthandler fcntl fileinput ' +
    'fnmatch fractions ftplib functools gc genericpath getopt getpass gettext glob gzip hashlib heapq hmac html http imaplib importlib ' +
    'inspect io ipaddress itertools json keyword linecache locale logging lzma mailbox marshal math mimetypes mmap multiprocessing ' +
    'netrc numbers operator os pathlib pdb pickle pkgutil platform plistlib poplib posix posixpath pprint profile pstats pty ' +
    'pwd queue quopri random re reprlib resource runpy sched secrets select selectors shelve shlex shutil signal site smtplib socket ' +
    'socketserver sqlite3 sre_compile sre_parse ssl stat statistics string stringprep struct subprocess symtable sys sysconfig tarfile ' +
    'tempfile termios textwrap threading time timeit token tokenize trace traceback tracemalloc types typing unicodedata unittest ' +
    'urllib uuid venv warnings wave weakref webbrowser wsgiref xml xmlrpc zipfile zipimport zlib zoneinfo _asyncio _collections ' +
    '_contextvars _csv _ctypes _datetime _decimal _functools _hashlib _io _json _operator _pickle _random _socket _sqlite3 _sre _ssl ' +
    '_struct _thread _threading_local _tokenize _weakref _weakrefset'
  ).split(' '),
);

/** First names of widely used packages: known even where the dump does not say in which file a class is written. */
export const PYTHON_LIBRARIES: ReadonlySet<string> = new Set(
  (
    'aiohttp aiofiles aiomysql aiopg aioredis alembic anyio apscheduler arrow asgiref asyncpg attr attrs aws_xray_sdk azure babel ' +
    'billiard boto3 botocore bottle cachetools celery certifi chardet charset_normalizer cherrypy click confluent_kafka cryptography ' +
    'cv2 cython dask datadog dateutil ddtrace django dns dramatiq elasticsearch eventlet falcon fastapi flask gevent google graphene ' +
    'greenlet grpc gunicorn h11 h2 httpcore httptools httpx huey hypercorn idna itsdangerous jinja2 joblib jsonschema jwt kafka ' +
    'kombu langchain litellm lxml mako markdown markupsafe marshmallow matplotlib mongoengine motor msgpack mysql newrelic nltk ' +
    'numba numpy oauthlib openai opentelemetry orjson pandas passlib peewee PIL pika pkg_resources prometheus_client promise psutil ' +
    'psycopg psycopg2 py pyarrow pydantic pydantic_core pygments pymongo pymysql pyramid pytest quart ray redis regex requests rq ' +
    'sanic scipy scrapy sentry_sdk setuptools simplejson six sklearn sniffio sqlalchemy sqlmodel starlette statsd stripe structlog ' +
    'tenacity tensorflow tornado torch tqdm transformers trio twisted typing_extensions tzlocal ujson urllib3 uvicorn uvloop ' +
    'waitress watchfiles webob websocket websockets werkzeug wrapt yaml yarl zmq zope'
  ).split(' '),
);
