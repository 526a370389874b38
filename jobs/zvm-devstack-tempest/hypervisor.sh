# shellcheck shell=bash
# Gives devstack what it has not for z/VM. It has a file for each hypervisor and each agent of neutron, and none for z/VM's; of other people's
# extras.d it runs nothing. Runs in the workspace after devstack.sh; may run twice. $ZVM_IMAGE is the address of a raw disk image for s390x.
set -eu -o pipefail
exec </dev/null
stack=${STACK_FOLDER:-/opt/stack}
devstack=$stack/devstack

if [ -z "${ZVM_IMAGE:-}" ]; then
  echo 'ZVM_IMAGE is not set: tempest needs an image that z/VM can boot. Set it in the environment of the job.' >&2
  exit 1
fi

# The same in every build: Feilong keeps a copy of each image by its id.
image_id=$(md5sum <<<"$ZVM_IMAGE" | sed -E 's/^(.{8})(.{4})(.{4})(.{4})(.{12}).*/\1-\2-\3-\4-\5/')
read -r -a packages <<<"${ZVM_PACKAGES:-zVMCloudConnector>=1.3.0}"

define() { printf 'function %s { %s; }\n' "$1" "$2"; }

{
  define install_nova_hypervisor "pip_install $(printf '%q ' "${packages[@]}")"
  define start_nova_hypervisor "$(printf 'add_zvm_image %q %q %q' "$image_id" "$ZVM_IMAGE" "${ZVM_IMAGE_DISTRO:-ubuntu20.04}")"
  for step in configure stop cleanup; do define "${step}_nova_hypervisor" :; done
  # Before tempest is configured, which looks for it.
  cat <<'EOF'
function add_zvm_image {
  local cloud='openstack --os-cloud devstack-admin image'
  if $cloud show "$1" >/dev/null 2>&1; then return; fi
  curl --fail --silent --show-error --location --retry 3 --output "$DATA_DIR/zvm.img" "$2"
  $cloud create --id "$1" --public --disk-format raw --container-format bare --property "os_distro=$3" --file "$DATA_DIR/zvm.img" zvm
  rm -f "$DATA_DIR/zvm.img"
}
EOF
} >"$devstack/lib/nova_plugins/hypervisor-zvm"

for step in create_nova_conf install_agent_packages configure_dhcp_agent configure_l3_agent configure_plugin_agent \
  setup_interface_driver check_adv_test_requirements; do
  define "neutron_plugin_$step" :
done >"$devstack/lib/neutron_plugins/zvm_agent"

mkdir -p "$stack/data/nova/zvm-images"
