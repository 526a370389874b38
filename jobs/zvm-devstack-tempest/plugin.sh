# shellcheck shell=bash
# Writes the devstack plugin for z/VM: devstack knows neither its hypervisor nor its agent of neutron. Runs in the workspace; may run twice.
# $ZVM_IMAGE is the address of a raw disk image for s390x.
set -eu -o pipefail
exec </dev/null
stack=${STACK_FOLDER:-/opt/stack}
plugin=$stack/devstack-plugin-zvm

if [ -z "${ZVM_IMAGE:-}" ]; then
  echo 'ZVM_IMAGE is not set: tempest needs an image that z/VM can boot. Set it in the environment of the job.' >&2
  exit 1
fi

# The same in every build: Feilong keeps a copy of each image by its id.
image_id=$(md5sum <<<"$ZVM_IMAGE" | sed -E 's/^(.{8})(.{4})(.{4})(.{4})(.{12}).*/\1-\2-\3-\4-\5/')
read -r -a packages <<<"${ZVM_PACKAGES:-zVMCloudConnector>=1.3.0}"

rm -rf -- "$plugin"
mkdir -p "$plugin/devstack" "$stack/data/nova/zvm-images"
# Read before devstack's own files: the neutron it brings up has no agent on this server.
for step in create_nova_conf install_agent_packages configure_dhcp_agent configure_l3_agent configure_plugin_agent \
  setup_interface_driver check_adv_test_requirements; do
  printf 'function neutron_plugin_%s { :; }\n' "$step"
done >"$plugin/devstack/override-defaults"

{
  printf 'packages=(%s)\n' "$(printf '%q ' "${packages[@]}")"
  printf 'image_id=%q image_url=%q image_distro=%q\n' "$image_id" "$ZVM_IMAGE" "${ZVM_IMAGE_DISTRO:-ubuntu20.04}"
  cat <<'EOF'
case "$1 $2" in
  'stack install') pip_install "${packages[@]}" ;;
  # The images are in glance before tempest is configured, which looks for them.
  'stack extra')
    images='openstack --os-cloud devstack-admin image'
    if ! $images show "$image_id" >/dev/null 2>&1; then
      curl --fail --silent --show-error --location --retry 3 --output "$DATA_DIR/zvm.img" "$image_url"
      $images create --id "$image_id" --public --disk-format raw --container-format bare \
        --property "os_distro=$image_distro" --file "$DATA_DIR/zvm.img" zvm
      rm -f "$DATA_DIR/zvm.img"
    fi
    ;;
esac
EOF
} >"$plugin/devstack/plugin.sh"

# devstack takes a plugin from a git repository, and one that is there as it is.
git -C "$plugin" init --quiet
git -C "$plugin" add --all
git -C "$plugin" -c user.name=sidegate -c user.email=sidegate@localhost commit --quiet --message 'z/VM'
