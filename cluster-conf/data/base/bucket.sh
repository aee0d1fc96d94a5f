#!/bin/sh
# The bucket, and a user that can use this bucket and nothing else. Doing it again changes nothing.
set -eu
mc mb --ignore-existing store/pachyderm
mc admin policy create store pachyderm /bucket/policy.json
mc admin user add store "$USER_ID" "$USER_SECRET"
case "$(mc admin user info store "$USER_ID" --json)" in
    *'"policyName":"pachyderm"'*) ;;
    *) mc admin policy attach store pachyderm --user "$USER_ID" ;;
esac
