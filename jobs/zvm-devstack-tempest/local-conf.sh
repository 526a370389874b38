# shellcheck shell=bash
# Writes devstack's local.conf from what the slot has: an OpenStack whose nova creates guests on z/VM through Feilong, and nothing that z/VM does not
# have. Runs in the workspace; may run twice. $DEVSTACK_LOCALRC and $DEVSTACK_POST_CONFIG are added as they are.
set -eu -o pipefail
exec </dev/null
stack=${STACK_FOLDER:-/opt/stack}
conf=$stack/devstack/local.conf
network=${ZVM_VSWITCH:-vsw2}

# Feilong copies images and config drives from here: the address by which it is reached.
if [ -z "${HOST_IP:-}" ]; then
  host=${SIDEGATE_FEILONG_URL#*://}
  host=${host%%/*}
  host=${host%:*}
  address=$(getent ahostsv4 "$host" | awk 'NR == 1 { print $1 }')
  HOST_IP=$(ip -o route get "$address" | sed -n 's/.* src \([0-9.]*\).*/\1/p')
fi

first=${SIDEGATE_FIRST_ADDRESS:-10.0.0.10} last=${SIDEGATE_LAST_ADDRESS:-10.0.0.250}
project_networks=flat isolated=False
if [ -n "${SIDEGATE_VLANS:-}" ]; then project_networks=vlan isolated=True; fi

cat >"$conf" <<EOF
[[local|localrc]]
VIRT_DRIVER=zvm
HOST_IP=$HOST_IP
ADMIN_PASSWORD=devstack
DATABASE_PASSWORD=devstack
RABBIT_PASSWORD=devstack
SERVICE_PASSWORD=devstack
GIT_BASE=${GIT_BASE:-https://opendev.org}
LOGFILE=$stack/logs/devstacklog.txt
VERBOSE=True
RECLONE=False
FORCE_CONFIG_DRIVE=True
# devstack knows no image for s390x.
DOWNLOAD_DEFAULT_IMAGES=False
disable_service c-api c-vol c-sch c-bak n-novnc tls-proxy horizon etcd3
# What switches packets is z/VM: no OVN, no routers. Guests are in one network that everybody shares; with VLANs, projects may make their own.
disable_service ovn-controller ovn-northd ovs-vswitchd ovsdb-server q-ovn-agent q-ovn-metadata-agent
enable_service tempest
enable_plugin devstack-plugin-zvm file://$stack/devstack-plugin-zvm
Q_AGENT=zvm
ML2_L3_PLUGIN=
Q_ML2_PLUGIN_MECHANISM_DRIVERS=${ZVM_MECHANISM_DRIVER:-zvm}
Q_ML2_TENANT_NETWORK_TYPE=$project_networks
Q_USE_PROVIDER_NETWORKING=True
PROVIDER_NETWORK_TYPE=flat
PHYSICAL_NETWORK=$network
IP_VERSION=4
USE_SUBNETPOOL=False
FIXED_RANGE=${ZVM_SUBNET:-${first%.*}.0/24}
NETWORK_GATEWAY=${ZVM_GATEWAY:-${first%.*}.1}
ALLOCATION_POOL="start=$first,end=$last"
${DEVSTACK_LOCALRC:-}
[[post-config|\$NOVA_CONF]]
[DEFAULT]
compute_driver=zvm.ZVMDriver
instance_name_template=$SIDEGATE_INSTANCE_NAME_TEMPLATE
force_config_drive=True
config_drive_format=iso9660
vif_plugging_is_fatal=False
[zvm]
cloud_connector_url=$SIDEGATE_FEILONG_URL
image_tmp_path=$stack/data/nova/zvm-images
reachable_timeout=600
${SIDEGATE_BASE_MAC:+[[post-config|\$NEUTRON_CONF]]
[DEFAULT]
base_mac=$SIDEGATE_BASE_MAC}
[[post-config|/\$Q_PLUGIN_CONF_FILE]]
[ml2_type_flat]
flat_networks=$network
${SIDEGATE_VLANS:+[ml2_type_vlan]
network_vlan_ranges=$network:$SIDEGATE_VLANS}
${DEVSTACK_POST_CONFIG:-}
[[test-config|\$TEMPEST_CONFIG]]
[auth]
create_isolated_networks=$isolated
[compute]
fixed_network_name=$network
[compute-feature-enabled]
resize=False
suspend=False
rescue=False
attach_encrypted_volume=False
vnc_console=False
live_migration=False
interface_attach=False
[service_available]
cinder=False
EOF

mkdir -p "$SIDEGATE_ARTIFACTS/controller/logs"
cp "$conf" "$SIDEGATE_ARTIFACTS/controller/logs/local_conf.txt"
cat "$conf"
