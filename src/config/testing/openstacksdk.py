"""Prints what the installed openstacksdk makes of each case on standard input, as JSON."""

import importlib
import json
import os
import sys
import warnings

import openstack.config.loader as loader

warnings.simplefilter('ignore')


def resolved(case):
    region = loader.OpenStackConfig().get_one(cloud=case['cloud'], region_name=case['region'])
    verify, _cert = region.get_requests_verify_args()
    config = region.config
    return {
        'auth': config['auth'],
        'region': region.region_name or None,
        'interface': config['interface'],
        'verify': bool(verify),
        'cacert': open(verify).read() if isinstance(verify, str) else None,
        'timeout': config['api_timeout'],
    }


answers = []
for case in json.load(sys.stdin):
    os.environ.clear()
    os.environ.update(case['env'])
    os.chdir(case['folder'])
    # The folders to look in are worked out when the module is loaded.
    importlib.reload(loader)
    try:
        answers.append(resolved(case))
    except Exception as error:
        answers.append({'error': type(error).__name__})
print(json.dumps(answers))
